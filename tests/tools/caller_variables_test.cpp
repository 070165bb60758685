// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/caller_variables.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace gestvenv::cli;

TEST_CASE(
    "a command gets what tells of time, language, terminal, CI, GPUs, threads, proxies and certificates") {
    const auto* name =
        GENERATE("TZ", "LANG", "LC_ALL", "LC_TIME", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CI",
                 "GITHUB_ACTIONS", "GITLAB_CI", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE",
                 "REQUESTS_CA_BUNDLE", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "GIT_INDEX_FILE");
    INFO(name);
    CHECK(ambient_variables({{name, "x"}}) == variable_map{{name, "x"}});
}

TEST_CASE("a secret, a setting of Python's, and a file that steers a CI reach no command by themselves") {
    const auto* name =
        GENERATE("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "CI_JOB_TOKEN", "GITHUB_ENV", "GITHUB_PATH",
                 "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "ACTIONS_RUNTIME_TOKEN", "PYTHONPATH", "PYTHONHOME",
                 "LD_PRELOAD", "SSH_AUTH_SOCK", "PIP_INDEX_URL", "UV_INDEX_URL", "TWINE_PASSWORD",
                 "VIRTUAL_ENV", "HOME", "CIA", "LANGUAGES", "LC");
    INFO(name);
    CHECK(ambient_variables({{name, "x"}}).empty());
}

TEST_CASE("what is named is passed on where it is set") {
    const variable_map callers{{"SECRET", "s"}, {"OTHER", "o"}};
    CHECK(named_variables(callers, {"SECRET", "NOT_SET", "SECRE"}) == variable_map{{"SECRET", "s"}});
    CHECK(named_variables(callers, {}).empty());
}
