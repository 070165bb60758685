// SPDX-License-Identifier: MIT
// The environments we write are those that the interpreters' own `venv` makes.
#include "system/launcher/write_layout.hpp"
#include "system/python/interpreter_probe.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <optional>
#include <string>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

python::tool_command own_venv(const python::interpreter& interpreter, const std::filesystem::path& path,
                              const std::optional<std::string>& prompt) {
    python::tool_command command;
    command.arguments = {interpreter.executable.string(), "-m", "venv", "--without-pip"};
    if (prompt)
        command.arguments.insert(command.arguments.end(), {"--prompt", *prompt});
    command.arguments.push_back(path.string());
    command.variables = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    return command;
}

// Makes the environment at the same path twice, theirs and ours, because that path is in its files.
void check_against_own_venv(const python::interpreter& interpreter, const std::string& name,
                            const std::optional<std::string>& prompt) {
    scratch_folder scratch;
    auto path = scratch / name;
    auto made = run(own_venv(interpreter, path, prompt), scratch.path());
    INFO(made.standard_error);
    REQUIRE(made.exit_status == 0);
    auto theirs = tree_of(path);
    std::filesystem::remove_all(path);

    write_environment(interpreter, {path.string(), prompt});
    auto ours = tree_of(path);
    for (const auto& [file, content] : theirs) {
        INFO(file);
        REQUIRE(ours.contains(file));
        CHECK(ours[file] == content);
    }
    CHECK(ours.size() == theirs.size());
    CHECK(theirs.size() >= 12);
}

python::tool_command in_environment(const std::filesystem::path& path, const std::string& program) {
    return {{(path / "bin/python").string(), "-c", program},
            {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}}};
}

} // namespace

TEST_CASE("a written environment is what `venv --without-pip` makes, byte for byte", "[python][machine]") {
    auto known = GENERATE(from_range(known_interpreters()));
    DYNAMIC_SECTION("Python " << known.name) {
        const auto& interpreter = probed(known);
        SECTION("without a prompt") {
            check_against_own_venv(interpreter, "env", std::nullopt);
        }
        SECTION("with a prompt") {
            check_against_own_venv(interpreter, "env", "web-1.x_y");
        }
        SECTION("with an empty prompt") {
            check_against_own_venv(interpreter, "env", "");
        }
        SECTION("with a prompt and a path of several words and every kind of quote") {
            check_against_own_venv(interpreter, "a 'folder' of \"mine\" \\n $HOME `x`",
                                   "it's \"my\" \\prompt $1");
        }
        SECTION("with a path beyond ASCII") {
            check_against_own_venv(interpreter, "d\u00e9j\u00e0 vu", "\u6771\u4eac's");
        }
    }
}

TEST_CASE("sysconfig, site and flags say the same in ours and in the interpreter's own",
          "[python][machine]") {
    const std::string program =
        "import json, site, sys, sysconfig\n"
        "print(json.dumps([sysconfig.get_paths(), site.getsitepackages(), sys.prefix,\n"
        "    sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, sys.executable, sys.path,\n"
        "    list(sys.flags), sysconfig.get_config_vars(), site.ENABLE_USER_SITE],\n"
        "    sort_keys=True))\n";
    auto known = GENERATE(from_range(known_interpreters()));
    DYNAMIC_SECTION("Python " << known.name) {
        const auto& interpreter = probed(known);
        scratch_folder scratch;
        auto path = scratch / "env";
        REQUIRE(run(own_venv(interpreter, path, "one"), scratch.path()).exit_status == 0);
        auto theirs = run(in_environment(path, program), scratch.path());
        REQUIRE(theirs.exit_status == 0);
        std::filesystem::remove_all(path);
        write_environment(interpreter, {path.string(), "one"});
        auto ours = run(in_environment(path, program), scratch.path());
        CHECK(ours.exit_status == 0);
        CHECK(ours.standard_output == theirs.standard_output);
        CHECK(theirs.standard_output.find(path.string()) != std::string::npos);
    }
}

TEST_CASE("an activated environment runs its own python and shows its prompt", "[python][machine]") {
    auto known = GENERATE(from_range(known_interpreters()));
    DYNAMIC_SECTION("Python " << known.name) {
        scratch_folder scratch;
        auto path = scratch / "env";
        write_environment(probed(known), {path.string(), "shop"});
        auto script =
            "PS1='$ '; . '" + (path / "bin/activate").string() + "'; command -v python; echo \"$PS1\"";
        auto result =
            run({{"/bin/bash", "--norc", "-c", script}, {{"PATH", "/usr/bin:/bin"}}}, scratch.path());
        CHECK(result.standard_output == (path / "bin/python").string() + "\n(shop) $ \n");
        CHECK(result.standard_error.empty());
    }
}

TEST_CASE("a path that PATH cannot hold and control characters are refused") {
    CHECK_FALSE(check(python::layout_values{"relative", {}}));
    CHECK_FALSE(check(python::layout_values{"/", {}}));
    CHECK_FALSE(check(python::layout_values{"/a/", {}}));
    CHECK_FALSE(check(python::layout_values{"/a:b", {}}));
    CHECK_FALSE(check(python::layout_values{"/a\nb", {}}));
    CHECK_FALSE(check(python::layout_values{"/a", "one\ntwo"}));
    CHECK(check(python::layout_values{"/a", "one two"}));
}

TEST_CASE("a layout that leaves its folder is refused") {
    auto layout_with = [](const std::string& path) {
        return python::venv_layout{{{python::layout_entry_kind::directory, {}, 0755, path, {}}}};
    };
    for (const char* path : {"", "/etc", "..", "a/../b", "a//b", "./a", "a/", "a/.."}) {
        INFO(path);
        CHECK_FALSE(check(layout_with(path)));
    }
    CHECK(check(layout_with("a..b/..c/d")));
}

TEST_CASE("values are quoted as Python, shells and PowerShell quote them") {
    using enum python::layout_quoting;
    CHECK(python::quoted("plain-1.x", shell_word) == "plain-1.x");
    CHECK(python::quoted("", shell_word) == "''");
    CHECK(python::quoted("it's", shell_word) == R"('it'"'"'s')");
    CHECK(python::quoted("it's", shell_inner) == R"(it'"'"'s)");
    CHECK(python::quoted("it's", powershell_inner) == "it''s");
    CHECK(python::quoted("plain", python_repr) == "'plain'");
    CHECK(python::quoted("it's", python_repr) == "\"it's\"");
    CHECK(python::quoted(R"(it's "\)", python_repr) == R"('it\'s "\\')");
}
