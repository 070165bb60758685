// SPDX-License-Identifier: MIT
// Requirements are read as PEP 508 says and as `packaging` reads them, and nothing else passes.
#include "system/python/requirement.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace {

const std::vector<std::string> valid_requirements{
    "requests",
    "A",
    "a1",
    "zope.interface",
    "name_with-all.three",
    "requests==2.31.0",
    "requests == 2.31.0",
    "  requests  ",
    "\trequests\t>=1",
    "requests>=2.28,<3",
    "requests >= 2.28 , < 3 , != 2.30.*",
    "requests (>=2.28,<3)",
    "requests(==2.0)",
    "requests ( == 2.0 )",
    "requests ()",
    "requests>=1,",
    "requests[socks]",
    "requests[socks,use_chardet-on.py3]>=2",
    "requests [ socks , security ] ~= 2.28",
    "requests[]",
    "requests<=2!1.0",
    "requests>1.0a1",
    "requests==1.0.post1.dev3+local.7-x_y",
    "requests==1.0-1",
    "requests==v1.0",
    "requests==V1.0RC1",
    "requests==1.0.*",
    "requests!=1.*",
    "requests~=1.0.0b2",
    "requests===anything/at-all+odd",
    "requests==1.0alpha",
    "requests==1.0-preview.2",
    "requests==1.0r4",
    "requests==1.0.dev",
    "name @ https://example.org/name-1.0.tar.gz",
    "name@https://example.org/name.zip",
    "name[extra] @ https://example.org/name.zip",
    "name @ http://example.org/name.zip#sha256=abc",
    "name @ file:///folder/name-1.0-py3-none-any.whl",
    "name @ git+https://example.org/name.git@v1.0",
    "name @ git+ssh://git@example.org/name.git@main#subdirectory=x",
    "name @ https://user:password@example.org/name.zip",
    "name @ https://example.org/name.zip ; python_version > '3.6'",
    "name; python_version<'3.9'",
    "name;python_version<\"3.9\"",
    "name>=1;python_version<'3.9'and os_name=='posix'or extra=='x'",
    "name ; (sys_platform == 'linux' and (python_version >= '3.8' or platform_machine != \"x86_64\"))",
    "name ; 'linux' in sys_platform",
    "name ; sys_platform not in 'win32 darwin'",
    "name ; sys_platform  not   in 'win32'",
    "name ; os.name == 'posix' and platform.python_implementation == 'CPython'",
    "name ; python_full_version ~= '3.8.1' and implementation_version === '3'",
    "name ; 'a' == 'b'",
    "name ; platform_version == \"it's ; [odd] (text)\"",
};

const std::vector<std::string> invalid_requirements{
    "",
    "   ",
    "-",
    "--",
    "-r",
    "-r /etc/passwd",
    "-e .",
    "-requests",
    "--index-url=x",
    "--index-url=https://example.org",
    "--extra-index-url https://example.org",
    "_name",
    ".name",
    "name-",
    "name.",
    "na me",
    "name 1.0",
    "name=1.0",
    "name=>1.0",
    "name==",
    "name>=",
    "name==1.0 2.0",
    "name==1..0",
    "name==.5",
    "name>=1.0.*",
    "name~=1",
    "name~=1.*",
    "name>=1.0+local",
    "name==1.0+",
    "name==1.0+a..b",
    "name>=abc",
    "name>=1.0abc",
    "name,>=1",
    "name>=1 <2",
    "name (>=1",
    "name >=1)",
    "name[",
    "name[a",
    "name[a b]",
    "name[a,]",
    "name[,a]",
    "name[-a]",
    "name]",
    "name @",
    "name @ ",
    "name==1.0 @ https://example.org/x.zip",
    "name @ https://example.org/x.zip python_version>'3'",
    "name;",
    "name; ",
    "name; python_version",
    "name; python_version >",
    "name; > '3'",
    "name; python_version '3'",
    "name; python_version > 3",
    "name; python_version > '3",
    "name; python_versions > '3'",
    "name; nonsense == 'x'",
    "name; python_version > '3' and",
    "name; and python_version > '3'",
    "name; (python_version > '3'",
    "name; python_version > '3')",
    "name; python_version notin '3'",
    "name; python_version not '3'",
    "name; python_version > '3' xor os_name == 'a'",
    "a; rm -rf /",
    "a && b",
    "a | b",
    "a `id`",
    "$(id)",
    "a$HOME",
    "name\nother",
    "name\n--index-url=https://example.org",
    "name==1.0\r\n-r x",
    "name # comment",
    "/etc/passwd",
    "./folder",
    "../folder",
    ".",
    "~/folder",
    "folder/name",
    "C:\\folder",
    "https://example.org/name-1.0.tar.gz",
    "git+https://example.org/name.git",
    "git+ext::sh -c id",
    "file:///etc/passwd",
    "n\xc3\xa9",
};

// Stricter than `packaging` on purpose.
const std::vector<std::string> refused_beyond_the_standard{
    "name_",
    "name-1.0.tar.gz",
    "name.ZIP",
    "name-1-py3-none-any.whl[extra]",
    "name.whl @ https://example.org/x.whl",
    "name===",
    "name @ ./folder",
    "name @ /folder/name.whl",
    "name @ git+ext::sh -c id",
    "name @ git+ext://sh",
    "name @ ext::sh",
    "name @ ftp://example.org/x",
    "name @ hg+https://example.org/x",
    "name @ javascript:alert(1)",
    "name @ https:example.org",
    "name @ https://",
    "name @ git+ssh://-oProxyCommand=id/x",
    "name @ git+ssh://git@-oProxyCommand=id/x",
    "name @ git+ssh://git@-oProxyCommand=id/x@main",
    "name @ git+https://example.org/x@--upload-pack=id",
    "name @ https://example.org/${SECRET}",
    std::string{"name\0other", 10},
    "name\x1b[31m",
};

// What `packaging`, as pip carries it, says of each text.
std::vector<bool> as_packaging_says(const interpreter& python, const std::vector<std::string>& texts) {
    scratch_folder scratch;
    write_file(scratch / "texts", nlohmann::json(texts).dump());
    auto program = "import json, sys\n"
                   "sys.path.insert(0, sys.argv[1])\n"
                   "from pip._vendor.packaging.requirements import Requirement, InvalidRequirement\n"
                   "def good(text):\n"
                   "    try: Requirement(text)\n"
                   "    except InvalidRequirement: return False\n"
                   "    return True\n"
                   "print(json.dumps([good(text) for text in json.load(open('texts', encoding='utf-8'))]))\n";
    auto result =
        run({{python.executable.string(), "-I", "-B", "-c", program, python.bundled_pip.string()}, {}},
            scratch.path());
    INFO(result.standard_error);
    REQUIRE(result.exit_status == 0);
    return nlohmann::json::parse(result.standard_output).get<std::vector<bool>>();
}

} // namespace

TEST_CASE("what PEP 508 allows is accepted") {
    for (const auto& text : valid_requirements) {
        auto parsed = parse_requirement(text);
        INFO(text);
        if (!parsed)
            FAIL_CHECK(parsed.error().message);
    }
}

TEST_CASE("what is no requirement is refused, with the item, the reason and what to write instead") {
    for (const auto* list : {&invalid_requirements, &refused_beyond_the_standard}) {
        for (const auto& text : *list) {
            auto parsed = parse_requirement(text);
            INFO(text);
            REQUIRE_FALSE(parsed);
            CHECK(parsed.error().code == error_code::invalid_argument);
            CHECK_FALSE(parsed.error().hint.empty());
            CHECK(parsed.error().message.find('\n') == std::string::npos);
        }
    }
}

TEST_CASE("the tables agree with the packaging library", "[machine]") {
    const interpreter* python = nullptr;
    for (const auto& known :
         known_interpreters()) { // the newest that carries a pip: 23.3 or later parses in full
        if (known.name != "3.13" || known.executable.empty())
            continue;
        python = &probed(known);
    }
    if (!python || python->bundled_pip.empty())
        SKIP("this machine has no Python 3.13 that carries a pip");
    auto good = as_packaging_says(*python, valid_requirements);
    for (std::size_t i = 0; i < good.size(); ++i) {
        INFO(valid_requirements[i]);
        CHECK(good[i]);
    }
    auto bad = as_packaging_says(*python, invalid_requirements);
    for (std::size_t i = 0; i < bad.size(); ++i) {
        INFO(invalid_requirements[i]);
        CHECK_FALSE(bad[i]);
    }
}

TEST_CASE("every part of a requirement is read") {
    auto parsed = parse_requirement("Name.x [ b_1 , c ] >= 1.0 , != 1.3.* ; python_version < '3.9' ");
    REQUIRE(parsed);
    CHECK(parsed->name == "Name.x");
    CHECK(parsed->extras == std::vector<std::string>{"b_1", "c"});
    CHECK(parsed->specifiers == std::vector<version_clause>{{">=", "1.0"}, {"!=", "1.3.*"}});
    CHECK(parsed->url.empty());
    CHECK(parsed->marker == "python_version < '3.9'");

    parsed = parse_requirement("name@https://example.org/x;y ; extra == 'z'");
    REQUIRE(parsed);
    CHECK(parsed->url == "https://example.org/x;y");
    CHECK(parsed->marker == "extra == 'z'");
    CHECK(parsed->specifiers.empty());

    parsed = parse_requirement("name(==1.0;extra=='z'");
    CHECK_FALSE(parsed);
}

TEST_CASE("messages name the fault") {
    auto message_for = [](const std::string& text) { return parse_requirement(text).error().message; };
    auto hint_for = [](const std::string& text) { return parse_requirement(text).error().hint; };
    CHECK(message_for("--index-url=x") ==
          "`--index-url=x` is no package: it begins with `-`, as an option does");
    CHECK(message_for("a; rm -rf /") == "`a; rm -rf /` is no package: `rm` is no variable of a marker");
    CHECK(message_for("a~=1") ==
          "`a~=1` is no package: `~=` needs a version of at least two numbers, such as `1.0`");
    CHECK(message_for("name\nother") == "`name\\nother` is no package: it contains a control character");
    CHECK(hint_for("name=1.0").find("==") != std::string::npos);
    CHECK(hint_for("https://example.org/x.zip").find("name @ https://") != std::string::npos);
    CHECK(hint_for("./file.whl").find("file:///") != std::string::npos);
    for (const char* folder : {".", "./folder", "../lib", "/srv/app", "-e .", "--editable=lib"})
        CHECK(hint_for(folder).find("--project") != std::string::npos);
    CHECK(hint_for("-r list.txt").find("--requirements") != std::string::npos);
    CHECK(hint_for("requests rich").find("commas") != std::string::npos);
}

TEST_CASE("a password in a refused item is not repeated") {
    for (const char* text :
         {"https://user:s3cret@example.org/x", "name @ ftp://user:s3cret@example.org/x",
          "https://s3cret@example.org/x", "name=1 https://u:a@s3cret@example.org",
          "https://example.org/x?token=s3cret", "name @ git+ssh://-x:s3cret@example.org/"}) {
        auto parsed = parse_requirement(text);
        REQUIRE_FALSE(parsed);
        INFO(parsed.error().message);
        CHECK(parsed.error().message.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("a long, a deep and a large request end quickly in an error") {
    CHECK_FALSE(parse_requirement("name==" + std::string(10'000, '1')));
    auto nested = [](std::size_t depth) {
        return parse_requirement("name; " + std::string(depth, '(') + "os_name == 'x'" +
                                 std::string(depth, ')'));
    };
    CHECK(nested(50));
    CHECK_FALSE(nested(200));
    CHECK_FALSE(nested(2'000));
    CHECK_FALSE(validate_packages(std::vector<std::string>(10'001, "name")));
    CHECK(validate_packages(std::vector<std::string>(10'000, "name"))->size() == 10'000);
    auto long_item = parse_requirement(std::string(4'000, '-'));
    REQUIRE_FALSE(long_item);
    CHECK(long_item.error().message.size() < 200);
}

TEST_CASE("names are normalised as PEP 503 says") {
    CHECK(normalized_name("Friendly-Bard") == "friendly-bard");
    CHECK(normalized_name("FRIENDLY.__-bard") == "friendly-bard");
    CHECK(normalized_name("friendly_bard") == "friendly-bard");
}

TEST_CASE("a list's -r FILE is split off, any other option is refused") {
    CHECK(split_install_items({"requests", "-r", "dev.txt", "six>=1", "--requirement", "/a b/more.txt"}) ==
          install_items{{"requests", "six>=1"}, {"dev.txt", "/a b/more.txt"}});
    CHECK(split_install_items({}) == install_items{});
    for (const auto& items : std::vector<std::vector<std::string>>{{"-r"},
                                                                   {"requests", "-r"},
                                                                   {"-r", ""},
                                                                   {"-r", "-e"},
                                                                   {"-rdev.txt"},
                                                                   {"-r dev.txt"},
                                                                   {"--requirement=dev.txt"},
                                                                   {"-e", "."},
                                                                   {"--index-url", "x"},
                                                                   {"-"}}) {
        auto split = split_install_items(items);
        REQUIRE_FALSE(split);
        CHECK(split.error().code == error_code::invalid_argument);
    }
}
