// SPDX-License-Identifier: MIT
// What requirements files ask for, in whatever encoding they are.
#include "system/python/requirements_files.hpp"
#include "system/python/requirements_text.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <sys/stat.h>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

using namespace std::string_literals;
using names = std::vector<std::string>;

namespace {

struct files {
    scratch_folder scratch;

    requirements_summary summary(const std::string& text, const variable_map& variables = {}) {
        write_file(scratch / "r.txt", text);
        auto made = summarize_requirements({scratch / "r.txt"}, scratch.path(), variables);
        if (!made)
            FAIL(made.error().message);
        return *made;
    }
};

// As Windows writes them.
std::string in_utf16(const std::string& ascii) {
    std::string text = "\xff\xfe";
    for (char c : ascii)
        text += {c, '\0'};
    return text;
}

} // namespace

TEST_CASE("a requirements file is decoded by its mark, else as it says, else as UTF-8") {
    auto decoded = [](const std::string& bytes) {
        auto made = decode_requirements(bytes, "r.txt");
        if (!made)
            FAIL(made.error().message);
        return *made;
    };
    CHECK(decoded("six\n").text == "six\n");
    CHECK(decoded("\xef\xbb\xbfsix\n").text == "six\n");
    CHECK(decoded("\xef\xbb\xbfsix\n").known_to_uv);
    CHECK(decoded(in_utf16("six\r\n")).text == "six\r\n");
    CHECK(decoded(in_utf16("six\r\n")).known_to_uv);
    CHECK(decoded("\xfe\xff\0s\0i\0x"s).text == "six");
    CHECK(decoded("\xff\xfe\0\0s\0\0\0"s).text == "s");
    CHECK_FALSE(decoded("\xff\xfe\0\0s\0\0\0"s).known_to_uv);
    CHECK(decoded("\0\0\xfe\xff\0\0\0s"s).text == "s");
    auto latin = decoded("# a file\n# -*- coding: latin-1 -*-\n# caf\xe9\n");
    CHECK(latin.text == "# a file\n# -*- coding: latin-1 -*-\n# caf\xc3\xa9\n");
    CHECK_FALSE(latin.known_to_uv);
    CHECK(decoded("# coding=cp1252\n# \x80\n").text == "# coding=cp1252\n# \xe2\x82\xac\n");
    CHECK(decoded("# coding: latin-1\nsix\n").known_to_uv);
    CHECK(decoded("six\n\n# coding: latin-1\n").known_to_uv);
}

TEST_CASE("a file that is not in the encoding that it names is refused, or not in UTF-8 if it names none") {
    for (const auto& bytes : {"\xff\xfes"s, "# coding: no-such-encoding\nsix\n"s, "# coding: ascii-8\n\xe9"s,
                              "# caf\xe9\nsix\n"s, "six\n\n# coding: latin-1\n\xe9\n"s}) {
        auto made = decode_requirements(bytes, "r.txt");
        REQUIRE_FALSE(made);
        CHECK(made.error().code == error_code::invalid_argument);
        CHECK(made.error().message.find("r.txt") != std::string::npos);
    }
}

TEST_CASE("lines are joined as pip joins them, and lose their comments") {
    CHECK(requirement_lines(
              "# one\r\nsix==1 \\\r\n    --hash=sha256:00 \\\r\n    # via x\r\n\r\n a # b\nc#d\n") ==
          names{"six==1     --hash=sha256:00", "a", "c#d"});
    CHECK(requirement_lines("# a comment \\\nsix\\") == names{"six"});
}

TEST_CASE_METHOD(files, "names are what has to be there afterwards") {
    write_file(scratch / "inner/more.txt", "idna>=3\n-r deeper.txt\n");
    write_file(scratch / "inner/deeper.txt", "iniconfig\n-r more.txt\n");
    write_file(scratch / "inner/limits.txt", "never==1\n");
    write_file(scratch / "lib/pyproject.toml", "[project]\nname = \"local-lib\"\n");
    auto made = summary("six==1.16.0 --hash=sha256:00\r\n"
                        "Requests[socks]>=2 ; python_version < '3'\n"
                        "rich @ https://example.org/rich.tar.gz\n"
                        "./dist/demo_one-1.0-py3-none-any.whl\n"
                        "git+https://example.org/x.git#egg=named\n"
                        "-e ./lib\n"
                        "-r inner/more.txt\n"
                        "--constraint=inner/limits.txt\n"
                        "--index-url https://${USER_NAME}:${PASS_1}@example.org/${lower}/simple\n");
    CHECK(made.names == names{"six", "rich", "demo_one", "named", "local-lib", "idna", "iniconfig"});
    CHECK(made.variables == std::set<std::string>{"USER_NAME", "PASS_1"});
    CHECK(made.editables == std::vector<std::filesystem::path>{scratch / "./lib"});
    CHECK_FALSE(made.rewritten);
}

TEST_CASE_METHOD(files, "what uv cannot decode is written for it anew, with what it includes") {
    write_file(scratch / "inner/more.txt", "idna\n");
    write_file(scratch / "inner/limits.txt", "never==1\n");
    auto made =
        summary("# coding: latin-1\n# \xe9\nsix==1.16.0 \\\n  --hash=sha256:00\n-r inner/more.txt\n-c "
                "inner/limits.txt\n-r https://example.org/r.txt\n");
    REQUIRE(made.rewritten);
    CHECK(*made.rewritten == "six==1.16.0   --hash=sha256:00\nidna\n--constraint " +
                                 (scratch / "inner/limits.txt").string() +
                                 "\n-r https://example.org/r.txt\n");
}

TEST_CASE_METHOD(files, "lines that pip alone takes are written for uv anew") {
    write_file(scratch / "more.txt", "idna\n");
    CHECK(summary("six \\\n>=1\n").rewritten == "six >=1\n");
    CHECK(summary("six # one \\\nidna\n").rewritten == "six\n");
    CHECK(summary("-rmore.txt\n-e.\n-fwheels\n").rewritten == "idna\n--editable .\n-f wheels\n");
    CHECK_FALSE(
        summary("six==1 \\\n  --hash=sha256:00 \\\n    # via x\n-r more.txt\n-f wheels\n# a \\\nsix\n")
            .rewritten);
    SECTION("but not with what can be read only once") {
        REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
        CHECK_FALSE(summary("six \\\n>=1\n-r pipe\n").rewritten);
    }
}

TEST_CASE_METHOD(files, "paths are found behind variables, where an installer gets them") {
    write_file(scratch / "deep/lib/pyproject.toml", "[project]\nname = \"local-lib\"\n");
    write_file(scratch / "deep/more.txt", "idna\n");
    const variable_map variables{
        {"ROOT", (scratch / "deep").string()}, {"PYTHONPATH", (scratch / "deep").string()}, {"EMPTY", ""}};
    auto made = summary("-r ${ROOT}/more.txt\nfile://${ROOT}/lib\n-e ${ROOT}/lib\n${EMPTY}/a\n", variables);
    CHECK(made.names == names{"idna", "local-lib", "local-lib"});
    CHECK(made.editables == std::vector{scratch / "deep/lib"});
    CHECK(made.folders == std::vector<std::filesystem::path>{scratch / "deep/lib", scratch / "${EMPTY}/a"});
    CHECK(summary("file://${PYTHONPATH}/lib\n", variables).names.empty());
}

TEST_CASE_METHOD(files, "what a marker may leave out is not demanded, with or without a space before it") {
    write_file(scratch / "lib/pyproject.toml", "[project]\nname = \"local-lib\"\n");
    auto made =
        summary("./lib; python_version < '3'\n./w/x-1.0-py3-none-any.whl;sys_platform == 'win32'\n"
                "file://" +
                (scratch / "lib").string() + "; python_version < '3'\n-e ./lib; python_version < '3'\n");
    CHECK(made.names.empty());
    CHECK(made.folders.front() == scratch / "./lib");
}

TEST_CASE_METHOD(files, "an editable is known behind a name, and before options of its own") {
    write_file(scratch / "lib/pyproject.toml", "[project]\nname = \"local-lib\"\n");
    const auto made = summary("-e ./lib --config-settings editable_mode=strict\n-e other[x] @ file://" +
                              (scratch / "lib").string() + "\n");
    CHECK(made.editables == std::vector<std::filesystem::path>{scratch / "./lib", scratch / "lib"});
    CHECK(made.names == names{"local-lib", "other"});
}

TEST_CASE_METHOD(files, "a text written anew finds files from where its parts were") {
    std::filesystem::create_directories(scratch / "sub/wheels");
    write_file(scratch / "sub/more.txt", "-f ./wheels\nidna\n");
    CHECK(summary("-rsub/more.txt\n-f https://example.org/x\n").rewritten ==
          "--find-links " + (scratch / "sub/./wheels").string() + "\nidna\n-f https://example.org/x\n");
}

TEST_CASE_METHOD(files, "a folder may have a # in its name") {
    std::filesystem::create_directories(scratch / "c#lib");
    auto made = summary("./c#lib\n./mono#subdirectory=pk\n");
    CHECK(made.folders == std::vector<std::filesystem::path>{scratch / "./c#lib", scratch / "./mono"});
}

TEST_CASE_METHOD(files, "a pipe is not waited for, and what is not there is the installer's to name") {
    REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
    auto made = summary("-r pipe\n-r nowhere.txt\nsix\n");
    CHECK(made.names == names{"six"});
}
