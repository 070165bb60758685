// SPDX-License-Identifier: MIT
// What probes found out is kept, until the interpreter changes.
#include "system/python/interpreter_cache.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using python::interpreter;
using python::interpreter_cache;

namespace fs = std::filesystem;

namespace {

interpreter example() {
    interpreter value;
    value.version = {3, 12, 1};
    value.version_text = "3.12.1";
    value.implementation = "cpython";
    value.executable = "/opt/python/bin/python";
    value.base_prefix = "/opt/python";
    value.standard_library = "/opt/python/lib/python3.12";
    value.site_packages = "lib/python3.12/site-packages";
    value.bundled_pip = "/opt/python/pip.whl";
    using namespace python;
    value.layout.entries = {
        {layout_entry_kind::directory, {}, 0755, "bin", {}},
        {layout_entry_kind::file,
         layout_condition::with_prompt,
         0644,
         "bin/activate",
         {{{}, {}, "A=\"quoted\"\n\xc3\xa9"}, {layout_value::prompt, layout_quoting::shell_word, {}}}}};
    return value;
}

struct fixture {
    scratch_folder scratch;
    fs::path executable = scratch / "bin/python";
    fs::path folder = scratch / "cache/interpreters";
    interpreter_cache cache{folder};

    fixture() { write_fake_interpreter(executable); }

    python::interpreter_key key() const { return python::key_of(executable).value(); }
    fs::path only_file() const {
        auto it = fs::directory_iterator{folder};
        auto path = it->path();
        CHECK(++it == fs::directory_iterator{});
        return path;
    }
};

} // namespace

TEST_CASE_METHOD(fixture, "what was stored is found again") {
    CHECK_FALSE(cache.load(key()));
    REQUIRE(cache.store(key(), example()));
    CHECK(cache.load(key()) == example());
    CHECK(interpreter_cache{folder}.load(key()) == example());
}

TEST_CASE_METHOD(fixture, "an interpreter that changed in size or time is unknown, and replaces its entry") {
    REQUIRE(cache.store(key(), example()));
    auto time = fs::last_write_time(executable);
    SECTION("in time, by a nanosecond") {
        fs::last_write_time(executable, time + std::chrono::nanoseconds{1});
    }
    SECTION("in size") {
        write_file(executable,
                   "\x7f"
                   "ELF, of another length",
                   true);
        fs::last_write_time(executable, time);
    }
    CHECK_FALSE(cache.load(key()));
    REQUIRE(cache.store(key(), example()));
    CHECK(cache.load(key()));
    only_file();
}

TEST_CASE_METHOD(fixture, "an interpreter behind a link that changed is unknown") {
    auto link = scratch / "link";
    fs::create_symlink(executable, link);
    REQUIRE(cache.store(python::key_of(link).value(), example()));
    fs::last_write_time(executable, fs::last_write_time(executable) + std::chrono::nanoseconds{1});
    CHECK_FALSE(cache.load(python::key_of(link).value()));
}

TEST_CASE_METHOD(fixture, "a link that points elsewhere now is another interpreter") {
    auto other = scratch / "other/python";
    write_fake_interpreter(other);
    fs::last_write_time(other, fs::last_write_time(executable));
    auto link = scratch / "link";
    fs::create_symlink(executable, link);
    REQUIRE(cache.store(python::key_of(link).value(), example()));
    CHECK(cache.load(python::key_of(link).value()));
    fs::remove(link);
    fs::create_symlink(other, link);
    CHECK_FALSE(cache.load(python::key_of(link).value()));
}

TEST_CASE_METHOD(fixture, "a damaged entry is a miss and is mended by the next store") {
    REQUIRE(cache.store(key(), example()));
    auto file = only_file();
    auto whole = read_file(file);
    SECTION("empty") {
        write_file(file, "");
    }
    SECTION("cut off") {
        write_file(file, whole.substr(0, whole.size() / 2));
    }
    SECTION("no record") {
        write_file(file, "\x7f"
                         "ELF\0\xff");
    }
    SECTION("another document") {
        write_file(file, "[1, 2]");
    }
    SECTION("another format") {
        auto text = whole;
        auto at = text.find(" interpreter 2\n");
        REQUIRE(at != std::string::npos);
        write_file(file, text.replace(at, 15, " interpreter 1\n"));
    }
    SECTION("a layout that leaves the environment") {
        auto text = whole;
        auto at = text.find("bin/activate");
        REQUIRE(at != std::string::npos);
        write_file(file, text.replace(at, 12, "../activate1")); // as long as the other
    }
    SECTION("writable by others") {
        ::chmod(file.c_str(), 0666);
    }
    SECTION("a link") {
        write_file(scratch / "elsewhere", whole);
        fs::remove(file);
        fs::create_symlink(scratch / "elsewhere", file);
    }
    CHECK_FALSE(cache.load(key()));
    REQUIRE(cache.store(key(), example()));
    CHECK(cache.load(key()) == example());
}

TEST_CASE_METHOD(fixture, "readers never see half an entry while others store") {
    REQUIRE(cache.store(key(), example()));
    std::jthread writer{[this](const std::stop_token& stop) {
        while (!stop.stop_requested())
            (void)cache.store(key(), example());
    }};
    int missed = 0;
    for (int i = 0; i < 500; ++i)
        missed += cache.load(key()) ? 0 : 1;
    writer.request_stop();
    writer.join();
    CHECK(missed == 0);
    only_file();
}

TEST_CASE("an executable that is not there has no key") {
    auto key = python::key_of("/nowhere/python3");
    REQUIRE_FALSE(key);
    CHECK(key.error().code == error_code::interpreter_not_found);
}

TEST_CASE_METHOD(fixture, "a cache that cannot be written says so") {
    write_file(scratch / "file", "");
    auto stored = interpreter_cache{scratch / "file/below"}.store(key(), example());
    REQUIRE_FALSE(stored);
    CHECK(stored.error().message.find("file/below") != std::string::npos);
}
