// SPDX-License-Identifier: MIT
// Real packages from the machine's index, on every interpreter there is.
#include "tests/runtime/with_each_backend.hpp"

#include "system/python/interpreter_search.hpp"
#include "system/python/search_context.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <fstream>
#include <set>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

// One per release, 3.8 and newer: what the backends of today support.
std::vector<std::string> releases() {
    std::set<std::string> found;
    for (const auto& candidate : python::all_interpreters(python::search_context_from_process()))
        if (candidate.version && candidate.version->minor >= 8)
            found.insert("3." + std::to_string(candidate.version->minor));
    return {found.begin(), found.end()};
}

} // namespace

namespace {

void install_and_import(const std::string& release, backend tool) {
    INFO("Python " << release << ", " << to_string(tool));
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.python_version = release;
    spec.package_backend = tool;
    spec.packages = {"six==1.16.0"};
    auto env = host.create(spec);
    auto info = env.info();
    CHECK(info.python_version.starts_with(release + "."));
    CHECK(info.packages == std::vector<std::string>{"six==1.16.0"});
    auto result = env.execute("python -c 'import six, sys; print(six.__version__, sys.version_info[1])'");
    CHECK(result.stdout_text == "1.16.0 " + release.substr(2) + "\n");
    CHECK(env.destroy().clean());
}

} // namespace

TEST_CASE("a package is installed and imported on every interpreter, through uv and pip") {
    install_and_import(GENERATE(from_range(releases())), GENERATE(backend::uv, backend::pip));
}

TEST_CASE(
    "a package is installed and imported on every interpreter that pdm supports, and it names the others") {
    auto release = GENERATE(from_range(releases()));
    try {
        install_and_import(release, backend::pdm);
    } catch (const install_exception& refused) {
        // Each release of pdm ends support for old ones.
        CHECK(std::stoi(release.substr(2)) < 10);
        CHECK(std::string{refused.what()}.find("does not support Python " + release) != std::string::npos);
    }
}

TEST_CASE("a package is installed and imported on every interpreter, through poetry") {
    install_and_import(GENERATE(from_range(releases())), backend::poetry);
}

TEST_CASE(
    "pdm and poetry keep what is there, unless it is to be upgraded or something new needs another version") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.package_backend = GENERATE(backend::pdm, backend::poetry);
    INFO(to_string(*spec.package_backend));
    spec.packages = {"idna==3.4"};
    auto env = host.create(spec);
    auto version = [&env] {
        return env.execute("python -c 'import importlib.metadata as m; print(m.version(\"idna\"))'")
            .stdout_text;
    };
    // requests takes any idna up to 4.
    auto installed = env.install({"requests==2.32.3"});
    CHECK(installed.backend == to_string(*spec.package_backend));
    CHECK(std::none_of(installed.installed.begin(), installed.installed.end(),
                       [](const auto& package) { return package.name == "idna"; }));
    CHECK(version() == "3.4\n");
    // This one does not do with it.
    env.install({"idna>=3.7", "six"});
    CHECK(version() != "3.4\n");
    std::ofstream{folder.path() / "requirements.txt"}
        << "# a comment\nidna==3.4  # the old one\n-r more.txt\n";
    std::ofstream{folder.path() / "more.txt"} << "six==1.15.0\n";
    env.install({"-r", (folder.path() / "requirements.txt").string()});
    CHECK(version() == "3.4\n");
    CHECK(env.execute("python -c 'import six; print(six.__version__)'").stdout_text == "1.15.0\n");
    std::ofstream{folder.path() / "requirements.txt"} << "six\n--index-url http://127.0.0.1:9/\n";
    try {
        env.install({"-r", (folder.path() / "requirements.txt").string()});
        FAIL("an option was taken");
    } catch (const install_exception& refused) {
        CHECK(std::string{refused.what()}.find("line 2 of requirements.txt") != std::string::npos);
    }
    CHECK(test::names_in(env.host_path() / "tmp").empty());
}

TEST_CASE_METHOD(test::with_each_backend,
                 "hashes of a requirements file hold with every backend, in whatever encoding it is") {
    auto env = host.create(spec);
    const auto file = (folder.path() / "requirements.txt").string();
    auto refusal = [&] {
        try {
            env.install({"-r", file});
        } catch (const install_exception& refused) {
            return std::string{refused.what()};
        }
        return std::string{};
    };
    std::ofstream{file} << "six==1.16.0 --hash=sha256:" << std::string(64, '0') << "\n";
    CHECK(refusal().find("ash") != std::string::npos); // "Hash mismatch", or "hash"
    CHECK(env.packages().empty());
    std::ofstream{file}
        << "# coding: latin-1\n# caf\xe9\r\nsix==1.16.0 \\\r\n"
        << "  --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254 \\\r\n"
        << "  --hash=sha256:1e61c37477a1626458e36f7b1d82aa5c9b094fa4802892072e49de9c60c4c926\r\n";
    CHECK(refusal().empty());
    CHECK(env.packages() == std::vector<installed_package>{{"six", "1.16.0"}});
}

TEST_CASE("options of a requirement that pdm and poetry do not know are refused and not passed over") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.package_backend = GENERATE(backend::pdm, backend::poetry);
    auto env = host.create(spec);
    const auto file = (folder.path() / "requirements.txt").string();
    for (const std::string line : {"six --config-settings=a=b", "-c limits.txt", "-e .",
                                   "six --global-option=x", "--no-binary :all:", "--require-hashes\nsix"}) {
        CAPTURE(line);
        std::ofstream{file} << line << "\n";
        CHECK_THROWS_AS(env.install({"-r", file}), install_exception);
    }
    CHECK(env.packages().empty());
}

TEST_CASE_METHOD(
    test::with_each_backend,
    "a package that does not exist fails the creation with the backend's own words, and leaves nothing") {
    spec.packages = {"gestvenv-no-such-package"};
    try {
        host.create(spec);
        FAIL("it was made");
    } catch (const install_exception& refused) {
        std::string text = refused.what();
        INFO(text);
        CHECK(text.find("gestvenv-no-such-package") != std::string::npos);
        CHECK(std::count(text.begin(), text.end(), '\n') < 10);
    }
    CHECK(host.list().empty());
}

TEST_CASE("packages are installed into a living environment too, also from a requirements file as the seed "
          "writes it") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    CHECK(env.install({"six==1.15.0"}).installed.size() == 1);
    std::ofstream{folder.path() / "requirements.txt"} << "six==1.16.0\n";
    env.install({"-r", (folder.path() / "requirements.txt").string()});
    CHECK(env.execute("python -c 'import six; print(six.__version__)'").stdout_text == "1.16.0\n");
    CHECK_THROWS_AS(env.install({"--index-url=x"}), invalid_argument_exception);
    CHECK_THROWS_AS(env.install({"-r", "/no/such/file"}), invalid_argument_exception);
}

TEST_CASE("a storage too small for a package says that it is full") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.storage_backend = storage_backend::tmpfs;
    spec.resource_limits.max_disk = 1;
    spec.packages = {"pip"}; // several MB, on every index
    try {
        host.create(spec);
        FAIL("it was made");
    } catch (const ephemeral_exception& refused) {
        INFO(refused.what());
        CHECK(refused.details().code == error_code::storage_full);
    }
    CHECK(host.list().empty());
}
