// SPDX-License-Identifier: MIT
// What would be built from source is found before an installer runs, whatever its own switches would let
// through.
#include "system/python/wheels_only.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using python::check_wheels_only;

TEST_CASE("packages by name and wheels by URL need no building") {
    CHECK(check_wheels_only(requirements({"requests", "six>=1 ; python_version > '3'",
                                          "a @ https://example.org/a-1-py3-none-any.whl",
                                          "a @ file:///x/a-1-py3-none-any.whl#sha256=0"})));
}

TEST_CASE("sources, folders and repositories by URL would be built") {
    for (const char* item : {"a @ https://example.org/a-1.tar.gz", "a @ file:///x/a",
                             "a @ git+https://example.org/a.git", "a @ git+https://example.org/a.whl",
                             "a @ https://example.org/a.zip?x=.whl", "a @ https://example.org/a#.whl"}) {
        INFO(item);
        CHECK_FALSE(check_wheels_only(requirements({item})));
    }
}

TEST_CASE("an ordinary requirements file needs no building") {
    const char* text = "# the usual\n"
                       "\n"
                       "requests==2.31.0 \\\n"
                       "    --hash=sha256:aa \\\n"
                       "    --hash=sha256:bb\r\n"
                       "  six >= 1   # a comment\n"
                       "--index-url https://example.org/simple\n"
                       "--extra-index-url=https://example.org/more\n"
                       "--require-hashes\n"
                       "idna ; python_version > '3' --hash=sha256:cc\n"
                       "a @ https://example.org/a-1-py3-none-any.whl#sha256=0";
    auto good = check_wheels_only(text, "requirements.txt");
    if (!good)
        FAIL(good.error().message);
}

TEST_CASE("a line of a requirements file that may have something built is named") {
    for (const char* line : {"-e .",
                             "--editable=git+https://example.org/x#egg=x",
                             "-r other.txt",
                             "-rother.txt",
                             "-c constraints.txt",
                             "--no-binary :all:",
                             "--no-binary=:all:",
                             "--only-binary :none:",
                             "--config-settings=x",
                             "./folder",
                             "/folder",
                             "folder/",
                             "a-1.tar.gz",
                             "https://example.org/a.tar.gz",
                             "git+https://example.org/a.git",
                             "a @ file:///folder",
                             "a ${OPTION}",
                             "${OPTION}",
                             "six --config-settings=x=y",
                             "six --global-option=x",
                             "six --hash=sha256:aa -e .",
                             "--pre --no-binary :all:"}) {
        INFO(line);
        auto text = "requests\n" + std::string{line} + "\n";
        auto good = check_wheels_only(text, "r.txt");
        CHECK_FALSE(good);
        if (!good)
            CHECK(good.error().message.starts_with("r.txt: "));
    }
}

TEST_CASE("lines that only one installer would see are refused") {
    // pip takes these for ends of lines, and a part of a comment for uv is an option for pip.
    for (const char* text : {"six # \xe2\x80\xa8-e .", "six # \xe2\x80\xa9-e .", "six # \xc2\x85-e .",
                             "six # \x0b-e .", "six # \x0c-e .", "six # \x1c-e .", "six # \r-e ."}) {
        INFO(text);
        CHECK_FALSE(check_wheels_only(text, "r.txt"));
    }
    CHECK_FALSE(check_wheels_only("six # comment \\\n-e .", "r.txt"));
    CHECK_FALSE(check_wheels_only("# -*- coding: utf-7 -*-\n# +AAo--e .", "r.txt"));
    CHECK_FALSE(check_wheels_only("\xff\xfe-\0e", "r.txt"));
    CHECK_FALSE(check_wheels_only(std::string(2 << 20, '\n'), "r.txt"));
}

TEST_CASE("an option behind an accepted one on its line is refused") {
    CHECK_FALSE(check_wheels_only("--pre -e .", "r.txt"));
    CHECK_FALSE(check_wheels_only("--index-url https://example.org -e .", "r.txt"));
    CHECK_FALSE(check_wheels_only("-f x --no-binary=:all:", "r.txt"));
    CHECK_FALSE(check_wheels_only("--index-url=x\t--no-binary=:all:", "r.txt"));
}
