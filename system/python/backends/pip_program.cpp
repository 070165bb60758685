// SPDX-License-Identifier: MIT
#include "system/python/backends/pip_program.hpp"

#include "system/python/backends/registry.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string_view>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

const interpreter_version first_with_python_option{22, 3, std::nullopt};

// `Requires-Python: >=3.9` of a core metadata file.
std::optional<interpreter_version> oldest_python_in(const fs::path& metadata) {
    constexpr std::string_view label = "Requires-Python:";
    std::ifstream stream{metadata};
    for (std::string line; std::getline(stream, line) && !line.empty();) { // the header ends at an empty line
        if (!line.starts_with(label))
            continue;
        auto begin = line.find(">=");
        if (begin == std::string::npos)
            return std::nullopt;
        begin = line.find_first_of("0123456789", begin);
        if (begin == std::string::npos)
            return std::nullopt;
        auto end = line.find_first_not_of("0123456789.", begin);
        return parse_interpreter_version(std::string_view{line}.substr(begin, end - begin));
    }
    return std::nullopt;
}

// `pip-23.2.1.dist-info`, `pip-26.3.dist-info`.
std::optional<interpreter_version> version_of_metadata_folder(const std::string& name) {
    constexpr std::string_view prefix = "pip-";
    constexpr std::string_view suffix = ".dist-info";
    if (!name.starts_with(prefix) || !name.ends_with(suffix))
        return std::nullopt;
    return parse_interpreter_version(
        std::string_view{name}.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
}

std::optional<pip_release> release_in(const fs::path& packages) {
    std::error_code ignored; // a folder that is not there holds no pip
    for (const auto& entry : fs::directory_iterator{packages, ignored}) {
        auto version = version_of_metadata_folder(entry.path().filename().string());
        if (!version)
            continue;
        if (auto oldest = oldest_python_in(entry.path() / "METADATA"))
            return pip_release{*version, *oldest};
    }
    return std::nullopt;
}

} // namespace

std::optional<pip_release> release_of_pip(const fs::path& program) {
    auto library = program.parent_path().parent_path() / "lib";
    // Debian's own lies in a folder for all of Python 3.
    if (auto release = release_in(library / "python3/dist-packages"))
        return release;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{library, ignored}) {
        if (!entry.path().filename().string().starts_with("python3."))
            continue;
        for (const char* folder : {"site-packages", "dist-packages"}) {
            if (auto release = release_in(entry.path() / folder))
                return release;
        }
    }
    return std::nullopt;
}

outcome<tool_command> bootstrap_command(const backend_request& request) {
    std::error_code ignored;
    const auto& python = *request.interpreter;
    if (python.bundled_pip.empty() || !fs::exists(python.bundled_pip, ignored))
        return failure(error_code::backend_not_found,
                       fmt::format("Python {} came without a pip that could be put into an environment",
                                   python.version_text),
                       "install it (Debian: apt-get install python3-venv), or install the package pip");
    return tool_command{
        {(request.venv_path / "bin/python").string(), "-I", "-m", "ensurepip", "--default-pip"},
        request.variables};
}

outcome<std::vector<std::string>> pip_program(const tools_folder& tools, const interpreter& python,
                                              const fs::path& venv_path) {
    auto target = (venv_path / "bin/python").string();
    auto tool = find_tool(tools, "pip");
    std::string why;
    if (tool) {
        auto release = release_of_pip(*tool);
        // One whose metadata is not found is tried: it says itself what it cannot do.
        bool works = !release || (release->version >= first_with_python_option &&
                                  !(python.version < release->oldest_python));
        if (works)
            return std::vector<std::string>{tool->string(), "--python", target};
        why = release->version < first_with_python_option
                  ? fmt::format("{} is {}, older than 22.3", tool->string(), to_string(release->version))
                  : fmt::format("{} needs Python {} or newer", tool->string(),
                                to_string(release->oldest_python));
    } else {
        why = tool.error().message;
    }
    std::error_code ignored;
    if (!python.bundled_pip.empty() && fs::exists(python.bundled_pip, ignored))
        return std::vector<std::string>{target, (python.bundled_pip / "pip").string()};
    return failure(error_code::backend_not_found,
                   fmt::format("there is no pip for Python {}: {}, and the interpreter came without one",
                               python.version_text, why),
                   tool ? fmt::format("use the backend {}, or a newer Python", all_backends().front()->name())
                        : tool.error().hint);
}

} // namespace gestvenv::python
