// SPDX-License-Identifier: MIT
#include "messages/json.hpp"
#include "runtime/configuration_document.hpp"
#include "runtime/configuration_keys.hpp"
#include "tests/support/set_variable.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

/// A user with a configuration folder of their own and none of the variables set.
struct user {
    temporary_folder folder;
    set_variable configuration_home{"XDG_CONFIG_HOME", folder.path().string()};
    set_variable no_file{"GESTVENV_CONFIG", ""};
    set_variable no_ttl{"GESTVENV_EPHEMERAL_TTL", ""};
    set_variable no_backend{"GESTVENV_EPHEMERAL_BACKEND", ""};
    set_variable no_storage{"GESTVENV_EPHEMERAL_STORAGE", ""};
    set_variable no_maximum{"GESTVENV_EPHEMERAL_MAX_CONCURRENT", ""};
    std::filesystem::path file = folder.path() / "gestvenv/config.toml";

    void write(const std::string& text) const {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
        std::filesystem::permissions(file, std::filesystem::perms{0644});
    }
};

configuration_value entry(const loaded_configuration& loaded, std::string_view key) {
    auto found = std::find_if(loaded.values.begin(), loaded.values.end(),
                              [key](const auto& value) { return value.key == key; });
    REQUIRE(found != loaded.values.end());
    return *found;
}

/// The error that loading ends with.
error refusal(const configuration_options& options = {}) {
    try {
        load_configuration(options);
    } catch (const ephemeral_exception& problem) {
        return problem.details();
    }
    FAIL("the configuration was accepted");
    return {};
}

} // namespace

TEST_CASE("without a file and variables the configuration is the documented one") {
    user one;
    auto loaded = load_configuration();
    CHECK(loaded.config == runtime_config{});
    CHECK(loaded.file == one.file);
    CHECK(!loaded.file_exists);
    for (const auto& value : loaded.values)
        CHECK(value.origin == configuration_origin::preset);
    CHECK(entry(loaded, "default_ttl").text == "3600");
    CHECK(entry(loaded, "storage_backend").text == "\"tmpfs\"");
    CHECK(entry(loaded, "default_python_version").text.empty());
}

TEST_CASE("every field of the configuration is a key of the file") {
    user one;
    one.write("# all of them\n"
              "[ephemeral]\n"
              "default_ttl = 60\n"
              "default_backend = \"pip\"\n"
              "default_python_version = '3.12'\n"
              "default_isolation_level = \"namespace\"\n"
              "default_security_mode = \"permissive\"\n"
              "storage_backend = \"disk\"\n"
              "base_storage_path = \"/var/tmp/a b\"\n"
              "max_concurrent = 7\n"
              "max_total_memory_mb = \"2G\"\n"
              "max_total_disk_mb = 512\n"
              "cleanup_interval = \"1.5m\" # ninety\n"
              "force_cleanup_after = \"unlimited\"\n"
              "default_max_processes = 40\n"
              "default_max_threads = \"unlimited\"\n"
              "stop_grace = 0.25\n"
              "enable_monitoring = false\n"
              "monitoring_interval = \"2h\"\n"
              "enable_preallocation = false\n"
              "pool_size = 4\n"
              "enable_template_cache = false\n");
    auto loaded = load_configuration();
    runtime_config expected;
    expected.default_ttl = 60s;
    expected.default_backend = backend::pip;
    expected.default_python_version = "3.12";
    expected.default_isolation_level = isolation_level::namespace_;
    expected.default_security_mode = security_mode::permissive;
    expected.storage_backend = storage_backend::disk;
    expected.base_storage_path = "/var/tmp/a b";
    expected.max_concurrent = 7;
    expected.max_total_memory_mb = 2048;
    expected.max_total_disk_mb = 512;
    expected.cleanup_interval = 90s;
    expected.force_cleanup_after = unlimited;
    expected.default_max_processes = 40;
    expected.default_max_threads = unlimited_count;
    expected.stop_grace = 250ms;
    expected.enable_monitoring = false;
    expected.monitoring_interval = 7200s;
    expected.pool_size = 4;
    CHECK(loaded.config == expected);
    CHECK(loaded.file_exists);
    for (const auto& value : loaded.values)
        CHECK(value.origin == configuration_origin::file);
    CHECK(entry(loaded, "default_ttl").where == one.file.string() + ":3");
    CHECK(entry(loaded, "enable_template_cache").where == one.file.string() + ":22");
    CHECK(loaded.values.size() == configuration_keys().size());
    // A field that is not a key would be missing here.
    nlohmann::json fields = to_json_value(runtime_config{});
    CHECK(fields.size() == loaded.values.size());
}

TEST_CASE("what is given wins over a variable, a variable over the file, the file over the default") {
    user one;
    one.write("[ephemeral]\ndefault_ttl = 100\nmax_concurrent = 5\nstorage_backend = \"disk\"\n");
    set_variable ttl{"GESTVENV_EPHEMERAL_TTL", "10m"};
    set_variable maximum{"GESTVENV_EPHEMERAL_MAX_CONCURRENT", "6"};
    auto loaded = load_configuration({.given = {{"default_ttl", "2h"}}});
    CHECK(loaded.config.default_ttl == 7200s);
    CHECK(loaded.origin_of("default_ttl") == configuration_origin::command_line);
    CHECK(loaded.config.max_concurrent == 6);
    CHECK(entry(loaded, "max_concurrent") == configuration_value{"max_concurrent", "6",
                                                                 configuration_origin::variable,
                                                                 "GESTVENV_EPHEMERAL_MAX_CONCURRENT"});
    CHECK(loaded.config.storage_backend == storage_backend::disk);
    CHECK(loaded.origin_of("storage_backend") == configuration_origin::file);
    CHECK(loaded.config.default_backend == backend::uv);
    CHECK(loaded.origin_of("default_backend") == configuration_origin::preset);
    CHECK(load_configuration().config.default_ttl == 600s);
}

TEST_CASE("each variable sets its key") {
    user one;
    set_variable ttl{"GESTVENV_EPHEMERAL_TTL", "unlimited"};
    set_variable backend_name{"GESTVENV_EPHEMERAL_BACKEND", "pip"};
    set_variable storage{"GESTVENV_EPHEMERAL_STORAGE", "memory"};
    set_variable maximum{"GESTVENV_EPHEMERAL_MAX_CONCURRENT", "100000"};
    auto config = load_configuration().config;
    CHECK(config.default_ttl == unlimited);
    CHECK(config.default_backend == backend::pip);
    CHECK(config.storage_backend == storage_backend::memory);
    CHECK(config.max_concurrent == 100'000);
}

TEST_CASE("a host that asks for no file and no variables gets none") {
    user one;
    one.write("[ephemeral]\nmax_concurrent = 5\n");
    set_variable ttl{"GESTVENV_EPHEMERAL_TTL", "60"};
    auto no_file = load_configuration({.read_file = false});
    CHECK(no_file.config.max_concurrent == 50);
    CHECK(no_file.config.default_ttl == 60s);
    CHECK(no_file.file.empty());
    auto no_variables = load_configuration({.file = one.file, .read_variables = false});
    CHECK(no_variables.config.max_concurrent == 5);
    CHECK(no_variables.config.default_ttl == 3600s);
}

TEST_CASE("another file can be named, by the host or by GESTVENV_CONFIG, and must then be there") {
    user one;
    one.write("[ephemeral]\nmax_concurrent = 5\n");
    auto other = one.folder.path() / "other.toml";
    set_variable named{"GESTVENV_CONFIG", other.string()};
    CHECK(refusal().message.find("No such file or directory") != std::string::npos);
    std::ofstream{other} << "[ephemeral]\nmax_concurrent = 6\n";
    CHECK(load_configuration().config.max_concurrent == 6);
    CHECK(load_configuration({.file = one.file}).config.max_concurrent == 5);
    CHECK(refusal({.file = "/nonexistent/config.toml"}).message.find("/nonexistent") != std::string::npos);
}

TEST_CASE("a mistake in the file is named with its line and what is accepted") {
    struct mistake {
        std::string line;
        std::string message;
        std::string hint;
    };
    auto [line, message, hint] = GENERATE(values<mistake>({
        {"max_concurent = 5", "there is no key `max_concurent`", "did you mean max_concurrent?"},
        {"storage = 5", "there is no key `storage`", "did you mean storage_backend?"},
        {"zzz = 5", "there is no key `zzz`", "config show"},
        {"max_concurrent = \"5\"", "max_concurrent must be an integer, and is a string", "from 1 to 100000"},
        {"max_concurrent = 5.5", "max_concurrent must be an integer", "from 1 to 100000"},
        {"max_concurrent = 0", "max_concurrent must be from 1 to 100000, and is 0", "from 1 to 100000"},
        {"max_concurrent = [5]", "max_concurrent must be an integer, and is an array", "from 1"},
        {"max_concurrent = 1979-05-27", "`max_concurrent` is a date or time", "docs/configuration.md"},
        {"max_concurrent = 99999999999", "max_concurrent", "from 1 to 100000"},
        {"default_ttl = 0", "default_ttl must be from 1", "unlimited"},
        {"default_ttl = \"soon\"", "default_ttl must be", "10m"},
        {"default_ttl = true", "default_ttl must be", "10m"},
        {"max_total_memory_mb = \"1K\"", "max_total_memory_mb must be", "512M"},
        {"max_total_disk_mb = -1", "max_total_disk_mb must be from 1", "512M"},
        {"storage_backend = \"floppy\"", "storage_backend must be one of disk, tmpfs, memory", "\"tmpfs\""},
        {"enable_monitoring = 1", "enable_monitoring must be true or false", "true or false"},
        {"enable_monitoring = \"true\"", "enable_monitoring must be true or false", "true or false"},
        {"enable_preallocation = true", "enable_preallocation is on", "no pool|until there is a pool"},
        {"base_storage_path = \"relative\"", "base_storage_path must be absolute", "absolute"},
        {"default_python_version = \"banana\"", "default_python_version is neither", "3.12"},
        {"max_concurrent = ", "", "[ephemeral]"},
        {"[other]", "there is no table `other`", "[ephemeral]"},
    }));
    user one;
    one.write("# a comment\n\n[ephemeral]\ndefault_backend = \"pip\"\n" + line + "\n");
    auto problem = refusal();
    CAPTURE(line, problem.message, problem.hint);
    CHECK(problem.code == error_code::invalid_argument);
    CHECK(problem.message.find(one.file.string() + ":5: " + message) == 0);
    bool hinted = false;
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
        end = hint.find('|', begin);
        hinted = hinted || problem.hint.find(hint.substr(begin, end - begin)) != std::string::npos;
    }
    CHECK(hinted);
}

TEST_CASE("a key outside the table is named") {
    user one;
    one.write("max_concurrent = 5\n");
    CHECK(refusal().message ==
          one.file.string() + ":1: `max_concurrent` stands outside the table [ephemeral]");
    one.write("[ephemreal]\nmax_concurrent = 5\n");
    CHECK(refusal().hint == "did you mean [ephemeral]?");
}

TEST_CASE("a text that no file could hold is refused") {
    user one;
    CHECK(refusal({.given = {{"base_storage_path", "/a\xff"}}}).message == "base_storage_path must be UTF-8");
}

TEST_CASE("a mistake in a variable is named with the variable") {
    user one;
    set_variable maximum{"GESTVENV_EPHEMERAL_MAX_CONCURRENT", "many"};
    auto problem = refusal();
    CHECK(problem.message == "GESTVENV_EPHEMERAL_MAX_CONCURRENT: max_concurrent must be an integer, and is a "
                             "string");
    CHECK(problem.hint == "max_concurrent takes a whole number from 1 to 100000");
}

TEST_CASE("a file that others can write, or that is none, is refused") {
    user one;
    one.write("[ephemeral]\nmax_concurrent = 5\n");
    ::chmod(one.file.c_str(), 0664);
    CHECK(refusal().code == error_code::permission_denied);
    ::chmod(one.file.c_str(), 0646);
    CHECK(refusal().message.find("can be written by others") != std::string::npos);
    ::chmod(one.file.c_str(), 0644);
    CHECK(load_configuration().config.max_concurrent == 5);
    std::filesystem::remove(one.file);
    std::filesystem::create_directory(one.file);
    CHECK(refusal().message.find("is not a regular file") != std::string::npos);
    std::filesystem::remove(one.file);
    REQUIRE(::mkfifo(one.file.c_str(), 0600) == 0);
    CHECK(refusal().message.find("is not a regular file") != std::string::npos);
    std::filesystem::remove(one.file);
    std::ofstream{one.file} << std::string((1 << 20) + 1, '\n');
    CHECK(refusal().message.find("more than a megabyte") != std::string::npos);
}

TEST_CASE("a file that belongs to another user, or cannot be read, is refused") {
    user one;
    one.write("[ephemeral]\n");
    if (::geteuid() == 0) {
        REQUIRE(::chown(one.file.c_str(), 12345, 12345) == 0);
        CHECK(refusal().message.find("belongs to another user") != std::string::npos);
    } else {
        ::chmod(one.file.c_str(), 0);
        CHECK(refusal().code == error_code::permission_denied);
    }
}

TEST_CASE("no text brings the reader of configurations down: what is no TOML is an error with a hint") {
    // Most of these are something that the TOML library takes for impossible (system/toml.hpp).
    auto text = GENERATE(as<std::string>{}, "\xc3\xa9 = 1", "a\xce\xb1 = 1", "[\xd0\xb0]", "\xe3\x81\x82 = 1",
                         "\"a\"\xc3\xa9 = 1", "a.\xc3\xa9 = 1", "a = 1\xc3\xa9", "a = \xc3\xa9",
                         "a = [1\xc3\xa9]", "a = {\xc3\xa9 = 1}", "a =\xc2\xa0 1",
                         "\xe3\x80\x80"
                         "a = 1",
                         "a = \xef\xbb\xa0", "a = \"\"\"\\\xc3\xa9\"\"\"", "\xe2\x80\xa8", "[=]", "[.]",
                         "[[[a]]]", "[#]", "[\n]", "a = [}]", "a = [1, }]", "a = 2020-01-01 1",
                         "a = [2020-01-01 1]", "a = \xff", "\xff = 1", "a = \"\xed\xa0\x80\"", "a");
    CAPTURE(text);
    auto document = parse_configuration("[ephemeral]\n" + text + "\n", "file");
    REQUIRE_FALSE(document);
    CHECK(document.error().code == error_code::invalid_argument);
    CHECK(document.error().message.starts_with("file:"));
    CHECK_FALSE(document.error().hint.empty());
}

TEST_CASE("a text that would exhaust the stack is refused with its line") {
    auto refused = [](const std::string& text) {
        auto document = parse_configuration("\n" + text, "file");
        REQUIRE_FALSE(document);
        CHECK_FALSE(document.error().hint.empty());
        return document.error().message;
    };
    std::string parts = "a";
    for (int count = 0; count < 100'000; ++count)
        parts += " . 'a'";
    CHECK(refused(parts + " = 1") == "file:2: a key of more than 32 parts");
    CHECK(refused("[" + parts + "]") == "file:2: a key of more than 32 parts");
    CHECK(refused("a = {" + parts + " = 1}") == "file:2: a key of more than 32 parts");
    CHECK(refused("a = " + std::string(100'000, '[')) == "file:2: more than 32 brackets within each other");
    CHECK(refused("a = [\n" + std::string(40, '{')) == "file:3: more than 32 brackets within each other");
    CHECK(refused("a = 2020-01-01" + std::string(200, '_') + " 1") ==
          "file:2: a word of more than 60 characters outside of quotes");
    CHECK(refused("a = \"\"\"\"\"\"\"\"\nb = '''''\"'''''\nc = " + std::string(40, '[')) ==
          "file:4: more than 32 brackets within each other");
}

TEST_CASE("text in quotes and comments does not count for how deep a text is") {
    auto filler = std::string(200, '.') + std::string(200, '[') + std::string(200, 'x');
    auto entries = parse_configuration("# \" " + filler + "\n[ephemeral]\na = \"\\\"" + filler + "\" # ' " +
                                           filler + "\nb = '" + filler + "\\'\nc = \"\"\"\n" + filler +
                                           "\\\"\"\" ' \"\"\"\"\"\nd = '''" + filler + "\n'' \"'''\n",
                                       "file");
    REQUIRE(entries);
    REQUIRE(entries->size() == 4);
    CHECK((*entries)[0].value == "\"" + filler);
    CHECK((*entries)[1].value == filler + "\\");
    CHECK((*entries)[2].value == filler + "\"\"\" ' \"\"");
    CHECK((*entries)[3].value == filler + "\n'' \"");
}

TEST_CASE("letters of every alphabet are read where TOML allows them: texts, comments, keys in quotes") {
    auto entries = parse_configuration("# \xc3\xa9\xce\xb1\xd0\xb0\xe3\x81\x82\n"
                                       "[ephemeral] # \xe3\x81\x82\n"
                                       "\"\xc3\xa9\" = '\xd0\xb0'\n"
                                       "a = \"\xc3\xa9\xe3\x80\x80\xce\xb1\" # \xc3\xa9\n"
                                       "b = \"\"\"x \\\n  \xc3\xa9 \\\n\n \xd0\xb0\"\"\"\n"
                                       "'\xe3\x81\x82' = '''\n\xe3\x81\x82'''\n",
                                       "file");
    REQUIRE(entries);
    REQUIRE(entries->size() == 4);
    CHECK((*entries)[0].key == "\xc3\xa9");
    CHECK((*entries)[0].value == "\xd0\xb0");
    CHECK((*entries)[1].value == "\xc3\xa9\xe3\x80\x80\xce\xb1");
    CHECK((*entries)[2].value == "x \xc3\xa9 \xd0\xb0");
    CHECK((*entries)[3].key == "\xe3\x81\x82");
    CHECK((*entries)[3].value == "\xe3\x81\x82");
}
