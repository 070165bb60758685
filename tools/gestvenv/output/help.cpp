// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr std::size_t width = 100;

using rows = std::vector<std::pair<std::string, std::string>>;

std::string names_of(const option& one) {
    // Long names stand below each other whether or not there is a short one.
    auto text = one.text.short_name.empty() ? std::string{"    "} : fmt::format("{}, ", one.text.short_name);
    text += one.text.name;
    if (one.takes_value())
        text += fmt::format(" {}", one.text.value);
    return text;
}

void add(const option& one, rows& lines) {
    lines.emplace_back(names_of(one), one.text.description);
}

/// The words of `text`, in lines that leave `indent` free at their beginning.
std::string wrapped(const std::string& text, std::size_t indent) {
    std::string result;
    std::size_t column = indent;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find(' ', begin), text.size());
        auto length = end - begin;
        if (column > indent && column + 1 + length > width) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            result += ' ';
            ++column;
        }
        result.append(text, begin, length);
        column += length;
        begin = end + 1;
    }
    return result;
}

std::string in_columns(std::string_view heading, const rows& lines) {
    std::size_t longest = 0;
    for (const auto& [name, description] : lines)
        longest = std::max(longest, name.size());
    auto text = fmt::format("\n{}:\n", heading);
    for (const auto& [name, description] : lines)
        text += fmt::format("  {:<{}}  {}\n", name, longest, wrapped(description, longest + 4));
    return text;
}

/// The headings in the order in which options have them. The last is also that of what every help has.
std::vector<std::string_view> groups_of(const option_table& table) {
    std::vector<std::string_view> groups;
    for (const auto& one : table.own())
        if (!one.text.group.empty() &&
            std::find(groups.begin(), groups.end(), one.text.group) == groups.end())
            groups.push_back(one.text.group);
    if (groups.empty())
        groups.emplace_back("options");
    return groups;
}

/// What may stand after a command too: all of the program's but --version.
void add_global_options(const option_table& table, rows& options) {
    for (const auto& one : table.own())
        if (one.text.name != version_option)
            add(one, options);
}

} // namespace

std::string help_text(const command_path& path) {
    const auto& what = *path.back().what;
    const auto& table = path.back().options;
    const auto operands = what.commands.empty() ? what.operands : "COMMAND";
    auto text = fmt::format("{}\n\nusage: {} [OPTION...]{}{}\n", what.description, full_name(path),
                            operands.empty() ? "" : " ", operands);

    rows commands;
    for (const auto* below : what.commands)
        if (!below->hidden)
            commands.emplace_back(below->name, below->description);
    if (!commands.empty())
        text += in_columns("commands", commands);

    const auto groups = groups_of(table);
    for (const auto group : groups) {
        rows options;
        for (const auto& one : table.own())
            if (one.text.group == group)
                add(one, options);
        if (group == groups.back()) {
            if (path.size() > 1)
                add_global_options(path.front().options, options);
            add(table.help(), options);
        }
        text += in_columns(group, options);
    }
    return what.footer.empty() ? text : fmt::format("{}\n{}\n", text, what.footer);
}

} // namespace gestvenv::cli
