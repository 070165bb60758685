// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/script_metadata.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv;
using namespace gestvenv::cli;

using texts = std::vector<std::string>;

namespace {

bool has_block(const std::string& text) {
    auto found = find_metadata(text, "a.py");
    if (!found)
        FAIL(render(found.error()));
    return found->has_value();
}

/// Without the empty lines that keep the numbers.
std::string content_of(const std::string& text) {
    auto found = find_metadata(text, "a.py");
    if (!found)
        FAIL(render(found.error()));
    REQUIRE(found->has_value());
    const auto& content = (*found)->content;
    return content.substr((*found)->line);
}

script_metadata read(const std::string& text) {
    auto metadata = read_metadata(text, "a.py");
    if (!metadata)
        FAIL(render(metadata.error()));
    REQUIRE(metadata->has_value());
    return **metadata;
}

/// Of a block whose first line, the third of the script, is `line`.
script_metadata read_line(const std::string& line) {
    return read("#!/usr/bin/env python\n# /// script\n# " + line + "\n# ///\n");
}

error refusal(const std::string& text) {
    auto refused = read_metadata(text, "a.py");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    CHECK_FALSE(refused.error().hint.empty());
    return refused.error();
}

error refusal_of_line(const std::string& line) {
    return refusal("#!/usr/bin/env python\n# /// script\n# " + line + "\n# ///\n");
}

} // namespace

TEST_CASE("the block of a script begins with its type and ends with the last end of the comment") {
    CHECK(content_of("# /// script\n# a = 1\n#\n# ///\n") == "a = 1\n\n");
    CHECK(content_of("import x\n# before\n# /// script\n# a = 1\n# ///\nimport y\n") == "a = 1\n");
    CHECK(content_of("# /// script\n# a = 1\n# ///") == "a = 1\n");
    // As the reference expression has it: what looks like an end is content, if another one follows.
    CHECK(content_of("# /// script\n# a = '''\n# ///\n# '''\n# ///\n# after\n") == "a = '''\n///\n'''\n");
    CHECK(content_of("# /// script\n#   a = 1\n# ///\n") == "  a = 1\n");
}

TEST_CASE("what does not have the form of a block is none") {
    CHECK_FALSE(has_block(""));
    CHECK_FALSE(has_block("# /// script\n# a = 1\nimport x\n# ///\n"));
    CHECK_FALSE(has_block("# /// script\n# a = 1\n"));
    CHECK_FALSE(has_block("# /// script\n# ///\n")); // it has no line of content
    CHECK_FALSE(has_block("# /// other\n# a = 1\n# ///\n"));
    CHECK_FALSE(has_block("# /// Script\n# a = 1\n# ///\n"));
    CHECK_FALSE(has_block("# /// script \n# a = 1\n# ///\n"));
    CHECK_FALSE(has_block(" # /// script\n # a = 1\n # ///\n"));
    CHECK_FALSE(has_block("#/// script\n# a = 1\n# ///\n"));
    CHECK_FALSE(has_block("# /// script\n#a = 1\n# ///\n"));
    CHECK_FALSE(has_block("# /// script\n# a = 1\n\n# ///\n"));
}

TEST_CASE("a byte order mark and other line ends change nothing of a block") {
    CHECK(content_of("\xEF\xBB\xBF# /// script\n# a = 1\n# ///\n") == "a = 1\n");
    CHECK(content_of("# /// script\r\n# a = 1\r\n#\r\n# ///\r\n") == "a = 1\n\n");
    CHECK(content_of("# /// script\r# a = 1\r# ///\r") == "a = 1\n");
}

TEST_CASE("a second block of the type is an error that names both lines") {
    const auto told = refusal("# /// script\n# a = 1\n# ///\n\n# /// script\n# a = 2\n# ///\n");
    CHECK(told.message == "a.py:5: a second block `script`; the first is in line 1");
    // A block of another type is no second one, nor is one that does not end.
    CHECK(content_of("# /// other\n# b\n# ///\n\n# /// script\n# a = 1\n# ///\n\n# /// script\n") ==
          "a = 1\n");
}

TEST_CASE("a block within one of another type is an error and not overlooked") {
    const auto told = refusal("# /// other\n# b\n# ///\n# /// script\n# a = 1\n# ///\n");
    CHECK(told.message == "a.py:4: the block `script` is within a block of type `other`");
    CHECK(told.hint == "put an empty line between the two blocks");
}

TEST_CASE("the fields of a script's metadata are read as they are written") {
    const auto metadata =
        read("# /// script\n# requires-python = \">=3.11,<4\"\n# dependencies = [\n#   \"rich>=13\",\n"
             "#   \"attrs; python_version < '4'\",\n# ]\n# ///\n");
    REQUIRE(metadata.python);
    CHECK(metadata.python->text == ">=3.11,<4");
    CHECK(metadata.dependencies == texts{"rich>=13", "attrs; python_version < '4'"});
    CHECK(metadata.sources.empty());
    CHECK(metadata.warnings.empty());
    CHECK(read_line("dependencies = []").dependencies.empty());
    auto none = read_metadata("print(1)\n", "a.py");
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
}

TEST_CASE("an error in a script's metadata names the line of the script") {
    CHECK(refusal_of_line("dependencies = [").message.starts_with("a.py:3: "));
    CHECK(refusal_of_line("a.b.c.d = = 1").message.starts_with("a.py:3: "));
    CHECK(refusal_of_line("a = " + std::string(40, '[')).message.starts_with("a.py:3: "));
    CHECK(refusal_of_line("dependencies = \"rich\"").message ==
          "a.py:3: dependencies must be a list of texts, and is a text");
    CHECK(refusal_of_line("dependencies = [\n#  3]").message ==
          "a.py:4: an item of dependencies must be a text, and is a number");
    CHECK(refusal_of_line("requires-python = 3.11").message ==
          "a.py:3: requires-python must be a text, and is a number");
    CHECK(refusal_of_line("requires-python = \"\"").message ==
          "a.py:3: requires-python must be a text, and is empty");
    CHECK(refusal_of_line("requires-python = \"three\"").message.starts_with("a.py:3: requires-python: "));
    CHECK(refusal_of_line("dependencies = [\n#  \"a\",\n#  \"--index-url=x\"]")
              .message.starts_with("a.py:5: the dependencies: "));
    CHECK(refusal_of_line("tool = 1").message == "a.py:3: tool must be a table, and is a number");
}

TEST_CASE("a field that there is not is told, with the one that may be meant") {
    const auto metadata = read_line("dependancies = [\"rich\"]");
    REQUIRE(metadata.warnings.size() == 1);
    CHECK(metadata.warnings[0] ==
          "a.py:3: `dependancies` is no field of a script's metadata, and is ignored; dependencies?");
    CHECK(read_line("tool.other.key = 1").warnings.empty()); // of another program
    CHECK(read_line("tool.gestvenv.key = 1").warnings.size() == 1);
}

TEST_CASE("where uv would look for packages is read from its table") {
    const auto metadata =
        read("# /// script\n# [tool.uv]\n# index-url = \"https://one/simple\"\n# extra-index-url = "
             "[\"https://two/simple\"]\n# find-links = [\"./wheels\"]\n# exclude-newer = "
             "\"2026-01-01T00:00:00Z\"\n# [[tool.uv.index]]\n# name = \"three\"\n# url = "
             "\"https://three/simple\"\n# ///\n");
    CHECK(metadata.sources.default_index == "https://one/simple");
    CHECK(metadata.sources.indexes == texts{"https://two/simple", "three=https://three/simple"});
    CHECK(metadata.sources.find_links == texts{"./wheels"});
    CHECK(metadata.sources.exclude_newer == "2026-01-01T00:00:00Z");
    CHECK(read_line("[[tool.uv.index]]\n# url = \"https://a\"\n# default = true").sources.default_index ==
          "https://a");
}

TEST_CASE("a setting of uv that is not followed is refused, with its line") {
    for (const char* line : {"tool.uv.sources.rich.path = \"x\"", "tool.uv.constraint-dependencies = []",
                             "tool.uv.pip.no-deps = true"}) {
        CAPTURE(line);
        const auto told = refusal_of_line(line);
        CHECK(told.message.starts_with("a.py:3: tool.uv."));
        CHECK(told.message.ends_with(" is not followed by gestvenv"));
    }
    CHECK(refusal_of_line("[[tool.uv.index]]\n# url = \"https://a\"\n# explicit = true").message ==
          "a.py:5: tool.uv.index.explicit is not followed by gestvenv");
    CHECK(refusal_of_line("[[tool.uv.index]]\n# name = \"a\"").message == "a.py:3: an index without url");
    CHECK(refusal_of_line("tool.uv.index = 3").message == "a.py:3: tool.uv.index must be a list of tables");
}
