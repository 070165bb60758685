// SPDX-License-Identifier: MIT
#include "system/python/requirement.hpp"

#include "system/python/environment_marker.hpp"
#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"
#include "system/python/version_specifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gestvenv::python {

namespace {

constexpr std::size_t longest_item = 4096;
constexpr std::size_t most_items = 10'000;

constexpr std::array<std::string_view, 7> url_schemes{"https",    "http",    "file",    "git+https",
                                                      "git+http", "git+ssh", "git+file"};

bool is_name_character(char c) noexcept {
    return is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// What pip and uv take for a file of the working folder when there is one, though it could be a name.
bool is_name_of_archive(std::string_view name) {
    constexpr std::array<std::string_view, 13> endings{".whl",    ".zip",      ".tar",    ".tar.gz", ".tgz",
                                                       ".tbz",    ".tar.bz2",  ".tar.xz", ".txz",    ".tlz",
                                                       ".tar.lz", ".tar.lzma", ".egg"};
    return std::any_of(endings.begin(), endings.end(), [name](auto ending) {
        return name.size() > ending.size() &&
               equals_ignoring_case(name.substr(name.size() - ending.size()), ending);
    });
}

// A name of a project or an extra: letters, digits and `-_.` inside, empty where none is.
std::string_view take_name(syntax_cursor& cursor) {
    if (!is_ascii_alphanumeric(cursor.peek()))
        return {};
    auto begin = cursor.position();
    auto name = cursor.take_while(is_name_character);
    while (!is_ascii_alphanumeric(name.back()))
        name.remove_suffix(1);
    cursor.back_to(begin + name.size());
    return name;
}

bool parse_extras(syntax_cursor& cursor, std::vector<std::string>& extras) {
    if (!cursor.take('['))
        return true;
    cursor.skip_space();
    if (cursor.take(']'))
        return true;
    while (true) {
        cursor.skip_space();
        auto name = take_name(cursor);
        if (name.empty())
            return cursor.fail("an extra in its brackets has no name");
        extras.emplace_back(name);
        cursor.skip_space();
        if (cursor.take(']'))
            return true;
        if (!cursor.take(','))
            return cursor.fail("its extras are not separated by commas and closed by `]`");
    }
}

bool check_url(syntax_cursor& cursor, std::string_view url) {
    auto colon = url.find("://");
    auto scheme = url.substr(0, colon);
    auto is_this = [scheme](std::string_view known) { return equals_ignoring_case(scheme, known); };
    if (colon == std::string_view::npos || std::none_of(url_schemes.begin(), url_schemes.end(), is_this))
        return cursor.fail(
            fmt::format("its URL is none of a kind that is accepted: {}", fmt::join(url_schemes, ", ")));
    auto after = url.substr(colon + 3);
    if (after.empty())
        return cursor.fail("its URL names no place");
    // What git or ssh could take for an option: a host, a user or a revision with a dash before it.
    auto authority = after.substr(0, after.find('/'));
    auto host = authority.substr(authority.rfind('@') + 1);
    auto revision = after.substr(std::min(after.find_last_of('@'), after.size()));
    if (authority.starts_with('-') || host.starts_with('-') || revision.starts_with("@-"))
        return cursor.fail("a part of its URL begins with `-`");
    // Some installers put variables in here, and would send their values to that host.
    if (url.find("${") != std::string_view::npos)
        return cursor.fail("its URL holds a `${...}`, which is not replaced here");
    return true;
}

bool parse_url(syntax_cursor& cursor, requirement& result) {
    cursor.skip_space();
    auto url = cursor.take_while([](char c) { return c != ' ' && c != '\t'; });
    if (url.empty())
        return cursor.fail("`@` is not followed by a URL");
    result.url = url;
    return check_url(cursor, url);
}

bool parse_specifiers(syntax_cursor& cursor, requirement& result) {
    bool parenthesised = cursor.take('(');
    cursor.skip_space();
    if (!parse_version_specifiers(cursor, result.specifiers))
        return false;
    cursor.skip_space();
    return !parenthesised || cursor.take(')') || cursor.fail("its `(` is not closed by a `)`");
}

bool parse(syntax_cursor& cursor, requirement& result) {
    cursor.skip_space();
    result.name = take_name(cursor);
    if (result.name.empty())
        return cursor.fail(cursor.at_end() ? "it is empty" : "it does not begin with the name of a package");
    if (is_name_of_archive(result.name))
        return cursor.fail("its name is that of a file");
    cursor.skip_space();
    if (!parse_extras(cursor, result.extras))
        return false;
    cursor.skip_space();
    bool good = cursor.take('@') ? parse_url(cursor, result) : parse_specifiers(cursor, result);
    if (!good)
        return false;
    cursor.skip_space(); // behind a URL there is one: a `;` that touches it is a part of it
    if (cursor.at_end())
        return true;
    if (!cursor.take(';'))
        return cursor.fail(fmt::format("`{}` is not expected there", redacted(cursor.rest())));
    cursor.skip_space();
    auto begin = cursor.position();
    if (!parse_marker(cursor))
        return false;
    result.marker = cursor.since(begin);
    while (result.marker.ends_with(' ') || result.marker.ends_with('\t'))
        result.marker.pop_back();
    return true;
}

// `.`, `../lib`, `/srv/app/`: no archive.
bool names_folder(std::string_view text) {
    constexpr std::array<std::string_view, 6> archives{".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".txt"};
    bool is_path = text.starts_with('/') || text.starts_with('.') || text.starts_with('~');
    return is_path && std::none_of(archives.begin(), archives.end(),
                                   [text](auto ending) { return text.ends_with(ending); });
}

bool is_list_of_packages(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    if (text.find_first_of(blanks) == std::string_view::npos)
        return false;
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        auto word = text.substr(0, text.find_first_of(blanks));
        requirement one;
        syntax_cursor cursor{word};
        if (!word.empty() && !parse(cursor, one))
            return false;
        text.remove_prefix(word.size());
    }
    return true;
}

// What the writer probably meant.
std::string advice_for(std::string_view text) {
    if (text.starts_with("-e") || text.starts_with("--editable"))
        return "a project's folder is given as such: --project DIR (environment_spec::project)";
    if (text.starts_with("-r") || text.starts_with("--requirement"))
        return "a requirements file is given as such: --requirements FILE "
               "(environment_spec::requirements_file)";
    if (text.starts_with('-'))
        return "options of an installer are not accepted as packages; a requirements file is given as such";
    if (text.find("://") != std::string_view::npos && text.find(" @ ") == std::string_view::npos)
        return "write a URL with the name of its package before it: `name @ https://...`";
    if (text.starts_with("git+") || text.find("git+") != std::string_view::npos)
        return "write `name @ git+https://...`";
    if (names_folder(text))
        return "a project's folder is given as such: --project DIR (environment_spec::project)";
    if (is_list_of_packages(text))
        return "several packages are given apart: separated by commas on the command line";
    if (text.starts_with('/') || text.starts_with('.') || text.starts_with('~') || text.ends_with(".whl") ||
        text.ends_with(".tar.gz"))
        return "a local file is written as a URL with the name of its package before it: "
               "`name @ file:///folder/file.whl`";
    if (text.find(';') != std::string_view::npos)
        return "what follows a `;` is a marker, such as `; python_version < \"3.9\"`";
    if (text.find('=') != std::string_view::npos && text.find("==") == std::string_view::npos &&
        text.find_first_of("<>!~") == std::string_view::npos)
        return "an exact version is written with `==`, such as `name==1.0`";
    return "a package is a name with an optional version, such as `requests>=2.28` or `requests[socks]`";
}

tl::unexpected<error> refusal(std::string_view item, std::string_view problem, std::string hint) {
    return failure(error_code::invalid_argument,
                   fmt::format("`{}` is no package: {}", redacted(item), problem), std::move(hint));
}

} // namespace

outcome<requirement> parse_requirement(std::string_view text) {
    if (text.size() > longest_item)
        return refusal(text, fmt::format("it is longer than {} characters", longest_item), {});
    // Tabs are space to PEP 508, and a mistake to a person who types a package.
    if (auto it = std::find_if(text.begin(), text.end(), is_control); it != text.end() && *it != '\t')
        return refusal(text, "it contains a control character", "give each package as an item of its own");
    requirement result;
    result.text = text;
    syntax_cursor cursor{text};
    if (text.starts_with('-'))
        return refusal(text, "it begins with `-`, as an option does", advice_for(text));
    if (!parse(cursor, result))
        return refusal(text, cursor.problem(), advice_for(text));
    return result;
}

outcome<std::vector<requirement>> validate_packages(const std::vector<std::string>& packages) {
    if (packages.size() > most_items)
        return failure(error_code::invalid_argument,
                       fmt::format("{} packages are more than the {} that are accepted at once",
                                   packages.size(), most_items),
                       "write them into a requirements file");
    std::vector<requirement> requirements;
    requirements.reserve(packages.size());
    for (const auto& item : packages) {
        auto parsed = parse_requirement(item);
        if (!parsed)
            return failure(parsed.error());
        requirements.push_back(std::move(*parsed));
    }
    return requirements;
}

std::vector<std::string> texts_of(const std::vector<requirement>& requirements) {
    std::vector<std::string> texts;
    texts.reserve(requirements.size());
    for (const auto& item : requirements)
        texts.push_back(item.text);
    return texts;
}

std::string normalized_name(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c != '-' && c != '_' && c != '.')
            result += ascii_lower(c);
        else if (!result.ends_with('-'))
            result += '-';
    }
    return result;
}

outcome<install_items> split_install_items(const std::vector<std::string>& items) {
    install_items result;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i] != "-r" && items[i] != "--requirement") {
            result.packages.push_back(items[i]);
            continue;
        }
        if (++i == items.size() || items[i].empty() || items[i].starts_with('-') ||
            items[i].find('\0') != std::string::npos)
            return failure(
                error_code::invalid_argument,
                fmt::format("`{}` is not followed by the path of a requirements file", items[i - 1]),
                "give the path as the next item: `-r`, `requirements.txt`");
        result.requirements_files.push_back(items[i]);
    }
    if (auto valid = validate_packages(result.packages); !valid)
        return failure(valid.error());
    return result;
}

} // namespace gestvenv::python
