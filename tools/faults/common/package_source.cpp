// SPDX-License-Identifier: MIT
#include "tools/faults/common/package_source.hpp"

#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"

#include <fmt/format.h>

#include <sys/wait.h>

#include <array>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;

// PyPA, "Binary distribution format": a zip with these three.
constexpr const char* make_wheel = R"(
import sys, zipfile
parts = {
    "gestvenv_demo.py": "VALUE = 1\n",
    "gestvenv_demo-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: gestvenv-demo\nVersion: 1\n",
    "gestvenv_demo-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
parts["gestvenv_demo-1.dist-info/RECORD"] = "".join(name + ",,\n" for name in parts) + "gestvenv_demo-1.dist-info/RECORD,,\n"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in parts.items():
        wheel.writestr(name, text)
)";

files::path wheel_in(const files::path& folder) {
    return folder / "gestvenv_demo-1-py3-none-any.whl";
}

void run_python(const char* script, std::string argument) {
    std::string program = "python3";
    std::string option = "-c";
    std::string text = script;
    std::array<char*, 5> words{program.data(), option.data(), text.data(), argument.data(), nullptr};
    pid_t pid = -1;
    int status = 0;
    if (::posix_spawnp(&pid, words[0], nullptr, nullptr, words.data(), environ) != 0 ||
        ::waitpid(pid, &status, 0) != pid || status != 0)
        throw std::runtime_error{fmt::format("python3 could not write {}", argument)};
}

} // namespace

void make_package_source(const files::path& folder) {
    auto uv = python::find_tool(python::find_tools_folder(python::search_context_from_process()), "uv");
    if (!uv)
        throw std::runtime_error{fmt::format("{}\n\nhint: {}", uv.error().message, uv.error().hint)};
    files::create_directories(demo_tools(folder) / "bin");
    files::copy_file(files::canonical(*uv), demo_tools(folder) / "bin/uv",
                     files::copy_options::overwrite_existing);
    run_python(make_wheel, wheel_in(folder).string());
}

std::string demo_requirement(const files::path& folder) {
    return fmt::format("gestvenv-demo @ file://{}", wheel_in(folder).string());
}

files::path demo_tools(const files::path& folder) {
    return folder / "tools";
}

} // namespace gestvenv::faults
