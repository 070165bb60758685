// SPDX-License-Identifier: MIT
// What uv and pip print, as captured from them (uv 0.4.30 and 0.13.9, pip 23.2.1 and 26.3), becomes a message
// that helps.
#include "system/python/backends/installer_output.hpp"
#include "system/python/backends/pdm.hpp"
#include "system/python/backends/poetry.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/secrets.hpp"
#include "tests/system/python/said_by_tools.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace gestvenv;
using namespace gestvenv::python;
using namespace gestvenv::test;

namespace {

backend_report pip_says(std::string error_text, std::string output = {}, int status = 1) {
    return find_backend(backend::pip)
        .value()
        ->parse_changes({status, std::move(output), std::move(error_text)});
}

const std::string pip_build_failure =
    "  error: subprocess-exited-with-error\n"
    "  \n"
    "  × Building wheel for uwsgi (pyproject.toml) did not run successfully.\n"
    "  │ exit code: 1\n"
    "  ╰─> [78 lines of output]\n"
    "      running bdist_wheel\n"
    "      Traceback (most recent call last):\n"
    "        File \"/tmp/pip-install-jacxhvxe/uwsgi_ee0f/uwsgiconfig.py\", line 589, in __init__\n"
    "          self.config.readfp(open_profile(filename))\n"
    "          ^^^^^^^^^^^^^^^^^^\n"
    "      AttributeError: 'ConfigParser' object has no attribute 'readfp'. Did you mean: 'read'?\n"
    "      [end of output]\n"
    "  \n"
    "  note: This error originates from a subprocess, and is likely not a problem with pip.\n"
    "  ERROR: Failed building wheel for uwsgi\n";

} // namespace

TEST_CASE("a failure of pip's own keeps its cause") {
    CHECK(message_of(pip_says("Configuration file could not be loaded.\n"
                              "File contains no section headers.\n"
                              "file: '/home/ada/.config/pip/pip.conf', line: 1\n"
                              "'garbage\\n'\n"))
              .find("could not be loaded. File contains no section headers. file: "
                    "'/home/ada/.config/pip/pip.conf', line: 1") != std::string::npos);
    CHECK(message_of(pip_says("ERROR: Exception:\n"
                              "Traceback (most recent call last):\n"
                              "  File \"/tools/pip/_internal/req/req_file.py\", line 622, in decode\n"
                              "    return data.decode(encoding)\n"
                              "ValueError: no such thing\n")) ==
          "pip could not install: ValueError: no such thing");
}

TEST_CASE("a full storage is told from a failed installation") {
    auto by_uv =
        uv_says("error: Failed to install: pygments-2.21.0-py3-none-any.whl (pygments==2.21.0)\n"
                "  cause: Failed to copy to `/run/env/lib/python3.13/site-packages/pygments/styles/a.py`\n"
                "  cause: failed to copy file from /c/a.py to /run/env/a.py: No space left on device (os "
                "error 28)\n");
    message_of(by_uv);
    CHECK(by_uv.failure->code == error_code::storage_full);
    CHECK(by_uv.failure->hint.find("max_disk") != std::string::npos);
    auto by_pip = pip_says(
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n\n");
    CHECK(message_of(by_pip) ==
          "pip could not install: Could not install packages due to an OSError: [Errno 28] No "
          "space left on device");
    CHECK(by_pip.failure->code == error_code::storage_full);
}

TEST_CASE("pip: a package that does not exist is named") {
    auto report =
        pip_says("ERROR: Could not find a version that satisfies the requirement xyz (from versions: none)\n"
                 "ERROR: No matching distribution found for xyz\n",
                 "Looking in links: /wheels\n");
    CHECK(message_of(report) ==
          "pip could not install: Could not find a version that satisfies the requirement xyz "
          "(from versions: none)");
    CHECK_FALSE(report.network_trouble);
}

TEST_CASE("pip: of the versions there are, the newest three are kept") {
    auto report = pip_says(
        "ERROR: Could not find a version that satisfies the requirement six==99.0 (from versions: 0.9.0, "
        "0.9.1, 0.9.2, 1.0b1, 1.14.0, 1.15.0, 1.16.0, 1.17.0)\n"
        "ERROR: No matching distribution found for six==99.0\n");
    CHECK(message_of(report).ends_with("(from versions: ..., 1.15.0, 1.16.0, 1.17.0)"));
    CHECK(message_of(
              pip_says("ERROR: Could not find a version that satisfies the requirement a==9 (from versions: "
                       "1.0, 2.0)\n"))
              .ends_with("(from versions: 1.0, 2.0)"));
}

TEST_CASE("pip: an index that cannot be reached is not taken for a package that does not exist") {
    auto report = pip_says(
        "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
        "connection "
        "broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at "
        "0x7fc9f4b89a90>: "
        "Failed to establish a new connection: [Errno 111] Connection refused')': /simple/flask/\n"
        "ERROR: Could not find a version that satisfies the requirement flask (from versions: none)\n"
        "ERROR: No matching distribution found for flask\n",
        "Looking in indexes: https://user:****@127.0.0.1:9/simple\n");
    CHECK(message_of(report) ==
          "pip could not install: the package index cannot be reached: [Errno 111] Connection refused");
    CHECK(report.network_trouble);
    auto newest = pip_says(
        "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
        "connection "
        "broken by 'NewConnectionError(\"HTTPSConnection(host='127.0.0.1', port=9): Failed to establish a "
        "new "
        "connection: [Errno 111] Connection refused\")': /simple/flask/\n"
        "ERROR: Could not find a version that satisfies the requirement flask (from versions: none)\n");
    CHECK(message_of(newest) ==
          "pip could not install: the package index cannot be reached: [Errno 111] Connection refused");
}

TEST_CASE("a certificate that is not trusted is no trouble that time mends") {
    auto report =
        pip_says("WARNING: Retrying (Retry(total=0)) after connection broken by "
                 "'SSLError(SSLCertVerificationError(1, '[SSL: "
                 "CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate "
                 "(_ssl.c:1000)'))': /simple/x/\n"
                 "ERROR: Could not find a version that satisfies the requirement x (from versions: none)\n");
    CHECK(message_of(report).find("CERTIFICATE_VERIFY_FAILED") != std::string::npos);
    CHECK_FALSE(report.network_trouble);
    CHECK(report.failure->hint.find("SSL_CERT_FILE") != std::string::npos);
}

TEST_CASE("pip: a conflict says who wants what") {
    auto report = pip_says("ERROR: Cannot install idna==1.0 and requests==2.31.0 because these package "
                           "versions have conflicting "
                           "dependencies.\n"
                           "ERROR: ResolutionImpossible: for help visit "
                           "https://pip.pypa.io/en/latest/topics/dependency-resolution/\n",
                           "Collecting idna==1.0\n"
                           "\n"
                           "The conflict is caused by:\n"
                           "    The user requested idna==1.0\n"
                           "    requests 2.31.0 depends on idna<4 and >=2.5\n"
                           "\n"
                           "To fix this you could try to:\n");
    CHECK(message_of(report) == "pip could not install: Cannot install idna==1.0 and requests==2.31.0 "
                                "because these package versions have "
                                "conflicting dependencies. The user requested idna==1.0; requests 2.31.0 "
                                "depends on idna<4 and >=2.5");
}

TEST_CASE("pip: of a failed build the last lines are kept") {
    auto expected =
        "pip could not install: Failed building wheel for uwsgi\n"
        "    | running bdist_wheel\n"
        "    | Traceback (most recent call last):\n"
        "    |   File \"/tmp/pip-install-jacxhvxe/uwsgi_ee0f/uwsgiconfig.py\", line 589, in __init__\n"
        "    |     self.config.readfp(open_profile(filename))\n"
        "    |     ^^^^^^^^^^^^^^^^^^\n"
        "    | AttributeError: 'ConfigParser' object has no attribute 'readfp'. Did you mean: 'read'?";
    auto first = pip_says(pip_build_failure + "ERROR: Could not build wheels for uwsgi, which is required to "
                                              "install pyproject.toml-based projects\n");
    REQUIRE(first.failure);
    CHECK(first.failure->message == expected);
    CHECK(first.failure->hint.find("wheel") != std::string::npos);
    auto second = pip_says(pip_build_failure + "error: failed-wheel-build-for-install\n\n"
                                               "× Failed to build installable wheels for some pyproject.toml "
                                               "based projects\n╰─> uwsgi\n");
    REQUIRE(second.failure);
    CHECK(second.failure->message == expected);
}

TEST_CASE("pdm and poetry: of a failed build the last lines are kept, and long ones are cut") {
    std::string build =
        "    | \n    | running build_ext\n    | a.c:1:10: fatal error: nope.h: No such file\n    |     1 | "
        "#include <nope.h>\n    | error: " +
        std::string(300, 'x') + "\n";
    const std::string shown =
        "\n    | running build_ext\n    | a.c:1:10: fatal error: nope.h: No such file\n    |     1 "
        "| #include <nope.h>\n    | error: " +
        std::string(153, 'x') + " ...";
    auto poetry = poetry_backend().parse_changes(
        {1,
         {},
         "Updating dependencies\n\n  - Installing x (1)\n/a/b.py:72: BuildBackendWarning: a warning\n\n"
         "PEP517 build of a dependency failed\n\nBackend subprocess exited when trying to invoke "
         "build_wheel\n\n" +
             build + "\nNote: This error originates from the build backend\n",
         {}});
    REQUIRE(poetry.failure);
    CHECK(poetry.failure->message == "poetry could not install: PEP517 build of a dependency failed" + shown);
    auto pdm = pdm_backend().parse_changes(
        {1, {}, "[InstallationError]: Some package operations failed.\nWARNING: Add '-v'\n\n" + build, {}});
    REQUIRE(pdm.failure);
    CHECK(pdm.failure->message == "pdm could not install: Some package operations failed." + shown);
}

TEST_CASE("pip: what was installed and removed is read, with names that hold a dash") {
    auto report = pip_says({},
                           "Looking in links: /wheels\n"
                           "Installing collected packages: idna\n"
                           "  Attempting uninstall: idna\n"
                           "    Found existing installation: idna 3.6\n"
                           "    Uninstalling idna-3.6:\n"
                           "      Successfully uninstalled idna-3.6\n"
                           "Successfully installed idna-3.20 charset-normalizer-3.5.2 zope.interface-6.0\n",
                           0);
    CHECK(report.installed == std::vector<installed_package>{{"idna", "3.20"},
                                                             {"charset-normalizer", "3.5.2"},
                                                             {"zope.interface", "6.0"}});
    CHECK(report.removed == std::vector<installed_package>{{"idna", "3.6"}});
}

TEST_CASE("an installer that says nothing it is known for is quoted by its last line") {
    CHECK(message_of(pip_says("This version of pip does not support python 3.6 (requires >=3.7).\n")) ==
          "pip could not install: This version of pip does not support python 3.6 (requires >=3.7).");
    CHECK(message_of(uv_says("", 3)) == "uv could not install: it ended with status 3 and said nothing");
    CHECK(message_of(uv_says("\n \n", 3)) == "uv could not install: it ended with status 3 and said nothing");
}

TEST_CASE("an installer killed by a signal says which") {
    auto report = uv_says("Resolved 1 package in 1s\n", 137);
    CHECK(message_of(report) == "uv could not install: it was ended by signal 9");
    // It is not for us to guess which limit it was.
    CHECK(report.failure->hint.find("max_memory") == std::string::npos);
}

TEST_CASE("an installer that met a limit of its environment says which, and what raises it") {
    auto meets = [](limit_reached limit, int status = 137) {
        tool_result result{status, {}, "error: operation timed out\n", {std::move(limit)}};
        return find_backend(backend::uv).value()->parse_changes(result);
    };
    auto processes = meets({"max_processes", 13, 10, "processes", true});
    CHECK(message_of(processes) == "uv could not install: the command was ended because there were too many "
                                   "processes (max_processes): 13 processes, and 10 processes are allowed");
    CHECK(processes.failure->hint.find("--max-processes") != std::string::npos);
    CHECK(processes.failure->hint.find("memory") == std::string::npos);
    CHECK_FALSE(processes.network_trouble);
    auto threads = meets({"max_threads", 64, 64, "threads"}, 2);
    CHECK(message_of(threads).find("max_threads") != std::string::npos);
    CHECK(threads.failure->hint.find("--max-threads") != std::string::npos);
    CHECK(meets({"max_memory", 1 << 27, 1 << 26, "bytes", true}).failure->hint.find("--max-memory") !=
          std::string::npos);
    auto disk = meets({"max_disk", 1 << 20, 1 << 20, "bytes"}, 1);
    CHECK(disk.failure->code == error_code::storage_full);
    CHECK(disk.failure->hint.find("--max-disk") != std::string::npos);
}

TEST_CASE("a message without end is cut, colours and all") {
    std::string noise;
    for (int i = 0; i < 20'000; ++i)
        noise += "\x1b[31merror\x1b[0m: \xe6\x9d\xb1\xe4\xba\xac ";
    auto report = uv_says(noise);
    CHECK(message_of(report).size() < 700);
    CHECK(message_of(report).find('\x1b') == std::string::npos);
    CHECK(message_of(report).ends_with(" ..."));
}

TEST_CASE("passwords and tokens in URLs are masked, the rest stays") {
    CHECK(without_secrets("see https://user:p%40ss@host/x and http://tok3n@host") ==
          "see https://****@host/x and http://****@host");
    CHECK(without_secrets("https://u:p@ss@host/path@v1") == "https://****@host/path@v1");
    CHECK(without_secrets("git+ssh://git@host/x.git@main") == "git+ssh://git@host/x.git@main");
    CHECK(without_secrets("https://host/x?a=1&access_token=abc&b=2#c") ==
          "https://host/x?a=1&access_token=****&b=2#c");
    CHECK(without_secrets("https://host/x?X-Amz-Signature=abc)") == "https://host/x?X-Amz-Signature=****)");
    CHECK(without_secrets("mail someone@example.org about a://b") == "mail someone@example.org about a://b");
    CHECK(without_secrets("").empty());
}

TEST_CASE("lists that are no lists are errors") {
    for (const auto* candidate : all_backends()) {
        CHECK(candidate->parse_list(
                  {0, R"([{"name": "a", "version": "1", "editable_project_location": "/x"}])", {}}) ==
              std::vector<installed_package>{{"a", "1"}});
        CHECK(candidate->parse_list({0, "[]", {}})->empty());
        for (const char* text : {"", "{}", "[1]", R"([{"name": "a"}])", R"([{"name": 1, "version": "1"}])"})
            CHECK_FALSE(candidate->parse_list({0, text, {}}));
        CHECK_FALSE(candidate->parse_list({1, "[]", "broken"}));
    }
}

TEST_CASE("anything in the place of a tool's report is a failure that says so") {
    for (const auto* printed :
         {"", "nonsense", "null", "[]", "3", R"({"installed": 1})", R"({"installed": {"a": "b"}})",
          R"({"installed": [1]})", R"({"installed": [{"name": 1}]})", R"({"installed": [[]]})",
          R"({"removed": [{"name": "a", "version": null}]})", "6e1111", "\"\xff\""}) {
        CAPTURE(printed);
        auto report = find_backend(backend::pdm).value()->parse_changes({0, printed, {}});
        CHECK(report.installed.empty());
        CHECK(report.removed.empty());
        REQUIRE(report.failure);
        CHECK(render(*report.failure).find("did not say what it installed") != std::string::npos);
    }
    auto report = find_backend(backend::pdm)
                      .value()
                      ->parse_changes({0,
                                       "noise\n"
                                       R"({"installed": [{"name": "a", "version": "1"}], "removed": []})",
                                       {}});
    CHECK(!report.failure);
    REQUIRE(report.installed.size() == 1);
    CHECK(report.installed[0].name == "a");
}
