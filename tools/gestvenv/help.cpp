// SPDX-License-Identifier: MIT
#include "tools/gestvenv/help.hpp"

#include "tools/gestvenv/word_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr std::size_t width = 100;

using rows = std::vector<std::pair<std::string, std::string>>;

std::string names_of(const CLI::Option& option) {
    // Long names stand below each other whether or not there is a short one.
    std::string text = option.get_snames().empty() ? "    " : "-" + option.get_snames().front() + ", ";
    text += "--" + option.get_lnames().front();
    if (option.get_items_expected_min() > 0)
        text += " " + option.get_type_name();
    return text;
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

std::string table(const std::string& heading, const rows& lines) {
    std::size_t longest = 0;
    for (const auto& [name, description] : lines)
        longest = std::max(longest, name.size());
    auto text = fmt::format("\n{}:\n", heading);
    for (const auto& [name, description] : lines)
        text += fmt::format("  {:<{}}  {}\n", name, longest, wrapped(description, longest + 4));
    return text;
}

/// What may stand after a command too, before its own --help: all of the program's but --version and --help.
void add_global_options(const CLI::App& root, rows& options) {
    auto help = options.back();
    options.pop_back();
    for (const auto* option : root.get_options())
        if (option != root.get_help_ptr() && option->get_name() != "--version")
            options.emplace_back(names_of(*option), option->get_description());
    options.push_back(help);
}

const CLI::App& root_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app : root_of(*app.get_parent());
}

} // namespace

std::string help_text(const CLI::App& app, const std::string& operands) {
    const bool is_root = app.get_parent() == nullptr;
    auto text = app.get_description() + "\n\n";
    text += fmt::format("usage: {} [OPTION...]{}{}\n", full_name(app), operands.empty() ? "" : " ", operands);

    rows commands;
    for (const auto* command : commands_of(app))
        commands.emplace_back(command->get_name(), command->get_description());
    if (!commands.empty())
        text += table("commands", commands);

    std::vector<std::string> groups;
    for (const auto* option : app.get_options())
        if (!option->get_group().empty() &&
            std::find(groups.begin(), groups.end(), option->get_group()) == groups.end())
            groups.push_back(option->get_group());
    // --help is the first that CLI11 knows and the last that a reader wants.
    if (!groups.empty())
        std::rotate(groups.begin(), groups.begin() + 1, groups.end());
    for (const auto& group : groups) {
        rows options;
        for (const auto* option : app.get_options())
            if (option->get_group() == group)
                options.emplace_back(names_of(*option), option->get_description());
        if (group == groups.back()) {
            std::rotate(options.begin(), options.begin() + 1, options.end());
            if (!is_root)
                add_global_options(root_of(app), options);
        }
        text += table(group, options);
    }
    return app.get_footer().empty() ? text : text + "\n" + app.get_footer() + "\n";
}

} // namespace gestvenv::cli
