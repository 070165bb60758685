// SPDX-License-Identifier: MIT
// Which of the caller's variables reach an installer and a command.
#include "system/python/backends/installer_variables.hpp"
#include "system/python/backends/pip_configuration.hpp"
#include "system/python/backends/uv_configuration.hpp"
#include "system/python/backends/uv_settings.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

const variable_paths paths{"/run/env", "/run/env/tmp", {}, "shop"};

variable_map named(std::initializer_list<const char*> names) {
    variable_map variables;
    for (const char* name : names)
        variables.emplace(name, "value of " + std::string{name});
    return variables;
}

} // namespace

TEST_CASE("settings of index, certificates and proxy reach the installer") {
    auto callers = named({"SSL_CERT_FILE",
                          "SSL_CERT_DIR",
                          "REQUESTS_CA_BUNDLE",
                          "CURL_CA_BUNDLE",
                          "PIP_INDEX_URL",
                          "PIP_EXTRA_INDEX_URL",
                          "PIP_CERT",
                          "PIP_FIND_LINKS",
                          "PIP_TRUSTED_HOST",
                          "PIP_CONFIG_FILE",
                          "PIP_DEFAULT_TIMEOUT",
                          "PIP_CACHE_DIR",
                          "UV_INDEX",
                          "UV_DEFAULT_INDEX",
                          "UV_INDEX_PRIVATE_PASSWORD",
                          "UV_CACHE_DIR",
                          "UV_HTTP_TIMEOUT",
                          "HTTP_PROXY",
                          "https_proxy",
                          "NO_PROXY",
                          "no_proxy",
                          "ALL_PROXY",
                          "NETRC",
                          "HOME",
                          "XDG_CONFIG_HOME",
                          "XDG_CACHE_HOME",
                          "GIT_SSL_CAINFO",
                          "SSH_AUTH_SOCK",
                          "GIT_SSH_COMMAND",
                          "GIT_CONFIG_GLOBAL",
                          "POETRY_HTTP_BASIC_HERE_USERNAME",
                          "POETRY_HTTP_BASIC_HERE_PASSWORD",
                          "POETRY_CACHE_DIR",
                          "PDM_PYPI_URL",
                          "PIP_CONSTRAINT",
                          "UV_CONSTRAINT",
                          "UV_FIND_LINKS"});
    auto variables = installer_variables(callers, paths);
    for (const auto& [name, value] : callers) {
        INFO(name);
        CHECK(variables[name] == value);
    }
    CHECK(variables["TMPDIR"] == "/run/env/tmp");
}

TEST_CASE(
    "what would install elsewhere, something else, or under another Python does not reach the installer") {
    auto callers =
        named({"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON",
               "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_DRY_RUN", "PIP_QUIET", "PIP_LOG", "UV_PYTHON",
               "UV_PYTHON_DOWNLOADS", "UV_SYSTEM_PYTHON", "UV_PROJECT_ENVIRONMENT", "UV_LINK_MODE",
               "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "CONDA_PREFIX", "LD_PRELOAD",
               "LD_LIBRARY_PATH", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PIP_NO_DEPS", "PIP_ONLY_DEPS",
               "PIP_ONLY_DEPENDENCIES", "PIP_SRC", "UV_FROZEN", "UV_NO_INSTALL_PROJECT", "PDM_USE_VENV",
               "PDM_PROJECT", "POETRY_VIRTUALENVS_IN_PROJECT", "GIT_DIR", "GIT_WORK_TREE",
               // what only publishing needs
               "UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "PDM_PUBLISH_PASSWORD", "POETRY_PYPI_TOKEN_PYPI",
               "TWINE_PASSWORD", "FLIT_PASSWORD", "HATCH_INDEX_AUTH", "BASH_ENV", "ENV", "PIPENV_X"});
    for (const auto& [name, value] : installer_variables(callers, paths)) {
        INFO(name);
        CHECK((name == "PATH" || name == "LANG" || name == "TMPDIR"));
    }
}

TEST_CASE("an installer finds the system's programs first, then the caller's") {
    CHECK(installer_variables({{"PATH", "/home/one/.cargo/bin:relative::/usr/bin:/opt/go/bin"}},
                              paths)["PATH"] ==
          "/usr/local/bin:/usr/bin:/bin:/home/one/.cargo/bin:/opt/go/bin");
    CHECK(installer_variables({}, paths)["PATH"] == "/usr/local/bin:/usr/bin:/bin");
}

TEST_CASE("a requirements file may name what it needs, and not what would change the installer") {
    for (const char* name : {"INDEX_PASSWORD", "AWS_TOKEN", "HOME"})
        CHECK(may_be_named_for_installer(name));
    for (const char* name :
         {"PYTHONPATH", "LD_PRELOAD", "PIP_TARGET", "UV_PYTHON", "PATH", "UV_PUBLISH_TOKEN"})
        CHECK_FALSE(may_be_named_for_installer(name));
}

TEST_CASE("a command gets what an activated environment has and nothing else of the caller's") {
    auto callers = named({"HOME", "USER", "TERM", "TZ", "LC_ALL", "LC_TIME", "PATH", "SSL_CERT_FILE",
                          "PIP_INDEX_URL", "GITHUB_TOKEN", "PYTHONPATH", "LD_PRELOAD", "VIRTUAL_ENV"});
    callers["LANG"] = "fr_FR.UTF-8";
    CHECK(command_variables(callers, paths) ==
          variable_map{{"HOME", "value of HOME"},
                       {"USER", "value of USER"},
                       {"TERM", "value of TERM"},
                       {"TZ", "value of TZ"},
                       {"LC_ALL", "value of LC_ALL"},
                       {"LC_TIME", "value of LC_TIME"},
                       {"LANG", "fr_FR.UTF-8"},
                       {"PATH", "/run/env/bin:/usr/local/bin:/usr/bin:/bin"},
                       {"TMPDIR", "/run/env/tmp"},
                       {"VIRTUAL_ENV", "/run/env"},
                       {"VIRTUAL_ENV_PROMPT", "shop"}});
    CHECK(command_variables({}, {"/run/env", {}, "/run/env/home", {}}) ==
          variable_map{{"HOME", "/run/env/home"},
                       {"LANG", "C.UTF-8"},
                       {"PATH", "/run/env/bin:/usr/local/bin:/usr/bin:/bin"},
                       {"VIRTUAL_ENV", "/run/env"}});
}

TEST_CASE("pip's configuration files are read as pip reads them, its variables win") {
    scratch_folder scratch;
    write_file(scratch / "etc/pip.conf", "[global]\nindex-url = https://one.example/simple\ntimeout = 60\n");
    write_file(scratch / "home/.config/pip/pip.conf",
               "# mine\n"
               "[install]\n"
               "find_links =\n"
               "    /wheels\n"
               "    ; a comment\n"
               "    https://two.example/wheels\n"
               "no-index = yes\n"
               "constraint = one.txt two.txt\n"
               "[global]\n"
               "Index-URL: https://three.example/simple\n"
               "no-index = no\n"
               "extra-index-url = https://four.example https://five.example\n"
               "cert = /etc/certificates.pem\n"
               "[freeze]\n"
               "timeout = 1\n"
               "nonsense\n");
    variable_map variables{{"HOME", (scratch / "home").string()}};
    auto read = [&] {
        return read_pip_settings(variables, pip_configuration_files(variables, scratch / "etc"));
    };
    pip_settings expected;
    expected.index_url = "https://three.example/simple";
    expected.extra_index_urls = {"https://four.example", "https://five.example"};
    expected.find_links = {"/wheels", "https://two.example/wheels"};
    expected.constraints = {"one.txt", "two.txt"};
    expected.certificates = "/etc/certificates.pem";
    expected.timeout = "60";
    expected.no_index = true;
    CHECK(read() == expected);

    variables["PIP_INDEX_URL"] = "https://six.example/simple";
    variables["PIP_NO_INDEX"] = "0";
    variables["PIP_CERT"] = "";
    expected.index_url = "https://six.example/simple";
    expected.no_index = false;
    CHECK(read() == expected);

    variables = {{"HOME", (scratch / "home").string()}, {"PIP_CONFIG_FILE", "/dev/null"}};
    CHECK(read() == pip_settings{});
    write_file(scratch / "own.conf", "[global]\nproxy = proxy.example:3128\n");
    variables["PIP_CONFIG_FILE"] = (scratch / "own.conf").string();
    CHECK(read().proxy == "proxy.example:3128");
    CHECK(read().index_url == "https://three.example/simple");
}

TEST_CASE("what a pip.conf leads elsewhere is taken out of it, and the rest of it stays") {
    scratch_folder scratch;
    const auto file = scratch / "pip.conf";
    auto pip = [&](const std::string& text, variable_map variables = {{"PIP_TIMEOUT", "5"}}) {
        write_file(file, text);
        return with_settings_that_stay(std::move(variables), {file}, "install");
    };
    const variable_map unchanged{{"PIP_TIMEOUT", "5"}};
    SECTION("a file that says only where packages come from is left to pip") {
        CHECK(pip("[global]\nindex-url = https://one.example\n") == unchanged);
        CHECK(pip("[freeze]\nuser = true\n") == unchanged);
    }
    SECTION("one that leads elsewhere is not read, and what else it says comes as variables") {
        const std::string setting =
            GENERATE("target = /x", "prefix = /x", "root = /x", "user = true", "dry-run = true",
                     "no-deps = yes", "only-deps = true", "only-dependencies = true",
                     "require-virtualenv = true", "python = /usr/bin/python3", "quiet = 3", "report = -",
                     "src = /x", "Break_System_Packages: true", "platform = win32");
        const std::string section = GENERATE("global", "install");
        CAPTURE(setting, section);
        CHECK(pip("[" + section + "]\n" + setting +
                  "\nindex-url = https://one.example\ntimeout = 60\nfind-links =\n    /a\n    /b\n") ==
              variable_map{{"PIP_CONFIG_FILE", "/dev/null"},
                           {"PIP_INDEX_URL", "https://one.example"},
                           {"PIP_FIND_LINKS", "\n/a\n/b"},
                           {"PIP_TIMEOUT", "5"}});
    }
}

TEST_CASE("what a uv.toml leads elsewhere is taken out of it, and the rest of it stays") {
    scratch_folder scratch;
    const auto home = scratch / "home";
    const variable_map variables{{"HOME", home.string()}};
    auto settings = [&] {
        return uv_settings_that_stay(variables, scratch / "work/inner", scratch.path(), scratch / "etc");
    };
    fs::create_directories(scratch / "work/inner");
    CHECK_FALSE(settings());
    write_file(home / ".config/uv/uv.toml", "link-mode = \"symlink\"\n[pip]\nstrict = true\n");
    CHECK_FALSE(settings());
    write_file(home / ".config/uv/uv.toml",
               "offline = true\nfind-links = [\"wheels\"]\n[pip]\ntarget = \"/x\"\n"
               "strict = true\n[[index]]\nurl = \"https://user.example\"\n");
    write_file(scratch / "work/pyproject.toml",
               "[tool.uv]\n[[tool.uv.index]]\nurl = \"https://own.example\"\n");
    auto text = settings();
    REQUIRE(text);
    CAPTURE(*text);
    CHECK(text->find("target") == std::string::npos);
    CHECK(text->find("strict = true") != std::string::npos);
    CHECK(text->find("offline = true") != std::string::npos);
    CHECK(text->find((home / ".config/uv/wheels").string()) != std::string::npos);
    CHECK(text->find("https://own.example") < text->find("https://user.example"));
    for (const char* setting : {"prefix = '/x'", "system = true", "python = '3.9'", "python-version = '3.9'",
                                "break-system-packages = true", "no-deps = true"}) {
        CAPTURE(setting);
        write_file(home / ".config/uv/uv.toml", std::string{"[pip]\n"} + setting + "\n");
        REQUIRE(settings());
        CHECK(settings()->find(std::string{setting}.substr(0, 5)) == std::string::npos);
    }
}

TEST_CASE("settings that only a project may have are not passed on, and a member has those of its root") {
    scratch_folder scratch;
    write_file(scratch / "home/.config/uv/uv.toml", "[pip]\nsystem = true\n");
    write_file(scratch / "work/pyproject.toml",
               "[tool.uv]\nconflicts = [[{ extra = \"a\" }, { extra = \"b\" }]]\n"
               "environments = [\"sys_platform == 'linux'\"]\nrequired-environments = []\n"
               "[[tool.uv.index]]\nurl = \"https://own.example\"\n[tool.uv.workspace]\nmembers = [\"a\"]\n");
    write_file(scratch / "work/a/pyproject.toml",
               "[project]\nname = \"a\"\n[tool.uv.sources]\nb = { workspace = true }\n");
    auto text = uv_settings_that_stay({{"HOME", (scratch / "home").string()}}, scratch / "work/a",
                                      scratch.path(), scratch / "etc");
    REQUIRE(text);
    CAPTURE(*text);
    for (const char* name : {"conflicts", "environments", "workspace", "sources", "system"})
        CHECK(text->find(name) == std::string::npos);
    CHECK(text->find("https://own.example") != std::string::npos);
}

TEST_CASE("a relative UV_CONFIG_FILE counts from where uv runs, and not from the project") {
    scratch_folder scratch;
    write_file(scratch / "work/own.toml", "find-links = [\"wheels\"]\n[pip]\ntarget = \"/x\"\n");
    write_file(scratch / "project/pyproject.toml", "[project]\nname = \"demo\"\n");
    auto text = uv_settings_that_stay({{"UV_CONFIG_FILE", "own.toml"}}, scratch / "project", scratch / "work",
                                      scratch / "etc");
    REQUIRE(text);
    CHECK(text->find("target") == std::string::npos);
    CHECK(text->find((scratch / "work/wheels").string()) != std::string::npos);
}

TEST_CASE("uv is told what the caller told pip, where it has no settings of its own") {
    scratch_folder scratch;
    pip_settings pip;
    pip.index_url = "https://one.example/simple";
    pip.extra_index_urls = {"https://two.example", "https://three.example"};
    pip.find_links = {scratch.path().string(), "/nowhere/wheels", "https://four.example/"};
    pip.constraints = {"one.txt", "/two.txt"};
    pip.trusted_hosts = {"one.example", "two.example"};
    pip.certificates = "/etc/certificates.pem";
    pip.proxy = "proxy.example:3128";
    pip.timeout = "60";
    CHECK(with_pip_settings({}, pip) ==
          variable_map{{"UV_DEFAULT_INDEX", "https://one.example/simple"},
                       {"UV_INDEX", "https://two.example https://three.example"},
                       {"UV_FIND_LINKS", scratch.path().string() + ",https://four.example/"},
                       {"UV_CONSTRAINT", "one.txt /two.txt"},
                       {"UV_INSECURE_HOST", "one.example two.example"},
                       {"SSL_CERT_FILE", "/etc/certificates.pem"},
                       {"HTTPS_PROXY", "http://proxy.example:3128"},
                       {"HTTP_PROXY", "http://proxy.example:3128"},
                       {"UV_HTTP_TIMEOUT", "60"}});

    auto own = with_pip_settings({{"UV_INDEX", "https://own.example"}, {"SSL_CERT_FILE", "/own.pem"}}, pip);
    CHECK_FALSE(own.contains("UV_DEFAULT_INDEX"));
    CHECK_FALSE(own.contains("UV_FIND_LINKS"));
    CHECK(own["UV_INDEX"] == "https://own.example");
    CHECK(own["SSL_CERT_FILE"] == "/own.pem");
    CHECK(with_pip_settings({{"UV_CONSTRAINT", "own.txt"}}, pip)["UV_CONSTRAINT"] == "own.txt");
}

TEST_CASE("uv gets the certificates that pip would take from REQUESTS_CA_BUNDLE") {
    CHECK(with_pip_settings({{"REQUESTS_CA_BUNDLE", "/a.pem"}, {"CURL_CA_BUNDLE", "/b.pem"}}, {})
              .at("SSL_CERT_FILE") == "/a.pem");
    CHECK(with_pip_settings({{"REQUESTS_CA_BUNDLE", "/etc"}}, {}).at("SSL_CERT_DIR") == "/etc");
    pip_settings fraction;
    fraction.timeout = "1.5";
    CHECK(with_pip_settings({}, fraction).empty());
}

TEST_CASE("the environment's programs come first in whatever PATH there is, and once") {
    variable_paths places = paths;
    CHECK(path_in_environment(places, "/usr/bin:/bin") == "/run/env/bin:/usr/bin:/bin");
    CHECK(path_in_environment(places, "") == "/run/env/bin");
    CHECK(path_in_environment(places, "/run/env/bin:/bin") == "/run/env/bin:/bin");
    CHECK(path_in_environment(places, "/run/env/bin") == "/run/env/bin");
    CHECK(path_in_environment(places, "/run/env/binaries:/bin") == "/run/env/bin:/run/env/binaries:/bin");
    CHECK(path_in_environment(places, ":bin") == "/run/env/bin::bin");
    places.notices = "/run/notices";
    CHECK(path_in_environment(places, "/bin") == "/run/env/bin:/run/notices:/bin");
}
