// SPDX-License-Identifier: MIT
#include "tools/gestvenv/manual/manual_page.hpp"

#include "system/version.hpp"
#include "tools/gestvenv/manual/manual_texts.hpp"
#include "tools/gestvenv/options/global_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <span>
#include <utility>

namespace gestvenv::cli {

namespace {

/// As itself in every output: groff would make typographical signs of these, which no shell takes.
std::string escaped(std::string_view text) {
    std::string result;
    for (char c : text) {
        switch (c) {
        case '\\':
            result += "\\(rs";
            break;
        case '-':
            result += "\\-";
            break;
        case '\'':
            result += "\\(aq";
            break;
        case '`':
            result += "\\(ga";
            break;
        case '^':
            result += "\\(ha";
            break;
        case '~':
            result += "\\(ti";
            break;
        default:
            result += c;
        }
    }
    return result;
}

/// A line of text: one that begins with a dot would be a request.
std::string text_line(std::string_view text) {
    return fmt::format("{}{}\n", text.starts_with('.') ? "\\&" : "", escaped(text));
}

std::string bold(std::string_view text) {
    return fmt::format("\\fB{}\\fR", escaped(text));
}

std::string entry(const std::string& head, std::string_view text) {
    return fmt::format(".TP\n{}\n{}", head, text_line(text));
}

std::string entries(std::span<const manual_entry> all) {
    std::string text;
    for (const auto& [name, meaning] : all)
        text += entry(bold(name), meaning);
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool is_indented(std::string_view line) {
    return line.starts_with(' ');
}

std::string_view without_indent(std::string_view line) {
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

/// The text below the options of a help, by its headings: `examples:`, `exit status:`. Text without one is
/// description.
struct footer_parts {
    std::vector<std::string_view> description;
    std::vector<std::string_view> statuses;
    std::vector<std::string_view> examples;
};

footer_parts parts_of(std::string_view footer) {
    footer_parts parts;
    auto* part = &parts.description;
    for (auto line : lines_of(footer)) {
        if (line == "exit status:") {
            part = &parts.statuses;
        } else if (line == "examples:") {
            part = &parts.examples;
        } else {
            if (!line.empty() && !is_indented(line))
                part = &parts.description;
            part->push_back(line);
        }
    }
    return parts;
}

/// Paragraphs; indented lines stay as they are.
std::string description_text(const std::vector<std::string_view>& lines) {
    std::string text;
    bool in_paragraph = false;
    bool as_is = false;
    for (auto line : lines) {
        if (as_is && !is_indented(line)) {
            text += ".EE\n.RE\n";
            as_is = false;
        }
        if (line.empty()) {
            in_paragraph = false;
            continue;
        }
        if (is_indented(line)) {
            if (!as_is)
                text += ".PP\n.RS 4\n.EX\n";
            as_is = true;
            in_paragraph = false;
            text += text_line(without_indent(line));
            continue;
        }
        if (!in_paragraph)
            text += ".PP\n";
        in_paragraph = true;
        text += text_line(line);
    }
    return as_is ? text + ".EE\n.RE\n" : text;
}

/// `  124  --timeout passed`, with what such a line goes on with; other lines are text.
std::string status_text(const std::vector<std::string_view>& lines) {
    std::string text;
    for (auto line : lines) {
        const auto content = without_indent(line);
        if (content.empty())
            continue;
        const auto digits = std::min(content.find_first_not_of("0123456789"), content.size());
        if (digits > 0 && content.substr(digits).starts_with("  "))
            text += entry(bold(content.substr(0, digits)), without_indent(content.substr(digits)));
        else
            text += (text.empty() ? ".PP\n" : "") + text_line(content);
    }
    return text;
}

std::string example_text(const std::vector<std::string_view>& lines) {
    std::string text;
    for (auto line : lines)
        if (!line.empty())
            text += text_line(without_indent(line));
    return text.empty() ? text : fmt::format(".PP\n.RS 4\n.EX\n{}.EE\n.RE\n", text);
}

std::string option_text_of(const option& one) {
    auto head = one.text.short_name.empty()
                    ? bold(one.text.name)
                    : fmt::format("{}, {}", bold(one.text.short_name), bold(one.text.name));
    if (one.takes_value())
        head += fmt::format(" \\fI{}\\fR", escaped(one.text.value));
    return entry(head, one.text.description);
}

/// By the headings of the help, in its order; `heading` is the request that begins one.
std::string options_text(const option_table& table, const char* heading) {
    std::vector<std::string_view> groups;
    for (const auto& one : table.own())
        if (!one.text.group.empty() &&
            std::find(groups.begin(), groups.end(), one.text.group) == groups.end())
            groups.push_back(one.text.group);
    std::string text;
    for (auto group : groups) {
        if (groups.size() > 1)
            text += fmt::format("{} {}\n", heading, escaped(group));
        for (const auto& one : table.own())
            if (one.text.group == group)
                text += option_text_of(one);
    }
    return text;
}

std::string synopsis_of(std::string_view name, const command& what) {
    const auto operands = what.commands.empty() ? what.operands : "COMMAND";
    return fmt::format("{} [\\fIOPTION\\fR...]{}{}\n", bold(name), operands.empty() ? "" : " ",
                       escaped(operands));
}

std::string section(std::string_view title, std::string_view text) {
    return text.empty() ? std::string{} : fmt::format(".SH {}\n{}", title, text);
}

/// A command below that of a page: all of it under one heading.
std::string part_of_page(const command& what, const std::string& above) {
    const auto name = fmt::format("{} {}", above, what.name);
    const auto parts = parts_of(what.footer);
    auto text = fmt::format(".SS {}\n.PP\n{}.PP\n{}", escaped(name), synopsis_of(name, what),
                            text_line(what.description));
    text += options_text(declare(what).options, ".PP\n.I");
    text += description_text(parts.description);
    if (!parts.statuses.empty())
        text += ".PP\n.I exit status\n" + status_text(parts.statuses);
    if (!parts.examples.empty())
        text += ".PP\n.I examples\n" + example_text(parts.examples);
    for (const auto* below : what.commands)
        if (!below->hidden)
            text += part_of_page(*below, name);
    return text;
}

/// As apropos(1) shows it: no sentence.
std::string name_line(std::string_view page, std::string_view description) {
    std::string text{description};
    if (text.ends_with('.'))
        text.pop_back();
    if (!text.empty())
        text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    return fmt::format("{} \\- {}\n", escaped(page), escaped(text));
}

std::string page_name(std::string_view program, const command& what) {
    return what.name == program ? std::string{program} : fmt::format("{}-{}", program, what.name);
}

std::string see_also(const command& program, const command& own) {
    std::vector<std::string> names;
    if (&program != &own)
        names.emplace_back(program.name);
    for (const auto* below : program.commands)
        if (below != &own && !below->hidden)
            names.push_back(page_name(program.name, *below));
    std::string text;
    for (const auto& name : names)
        text += fmt::format(".BR {} (1){}\n", escaped(name), &name == &names.back() ? "" : ",");
    return text;
}

std::string page_of(const command& program, const command& what, const option_table& global,
                    std::string_view date) {
    const auto page = page_name(program.name, what);
    const bool is_program = &what == &program;
    const auto called =
        is_program ? std::string{program.name} : fmt::format("{} {}", program.name, what.name);
    const auto parts = parts_of(what.footer);
    std::string title{page};
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    auto text =
        fmt::format(".\\\" Made from the list of commands of {}; do not edit.\n.TH {} 1 \"{}\" \"{} {}\" "
                    "\"GestVenv\"\n.nh\n.ad l\n",
                    program.name, escaped(title), escaped(date), program.name, program_version);
    text += section("NAME", name_line(page, what.description));
    text += section("SYNOPSIS", ".PP\n" + synopsis_of(called, what));
    text +=
        section("DESCRIPTION", ".PP\n" + text_line(what.description) + description_text(parts.description));
    std::string commands;
    for (const auto* below : what.commands) {
        if (below->hidden)
            continue;
        commands += is_program ? entry(fmt::format("\\fB{}\\fR(1)", escaped(page_name(program.name, *below))),
                                       below->description)
                               : part_of_page(*below, called);
    }
    text += section("COMMANDS", commands);
    auto options = is_program ? std::string{} : options_text(declare(what).options, ".SS");
    if (!is_program && !options.empty())
        options += ".SS every command\n";
    for (const auto& one : global.own())
        if (is_program || one.text.name != version_option)
            options += option_text_of(one);
    text += section("OPTIONS", options + option_text_of(global.help()));
    text += section("EXIT STATUS",
                    parts.statuses.empty() ? entries(manual_statuses) : status_text(parts.statuses));
    text += section("ENVIRONMENT", entries(manual_variables));
    text += section("FILES", entries(manual_files));
    text += section("EXAMPLES", example_text(parts.examples));
    text += section("SEE ALSO", see_also(program, what));
    return text;
}

} // namespace

std::vector<manual_page> manual_pages(const command& program, std::string_view date) {
    global_options ignored;
    option_table global;
    add_global_options(global, ignored);
    std::vector<manual_page> pages{
        {fmt::format("{}.1", program.name), page_of(program, program, global, date)}};
    for (const auto* below : program.commands)
        if (!below->hidden)
            pages.push_back({fmt::format("{}.1", page_name(program.name, *below)),
                             page_of(program, *below, global, date)});
    return pages;
}

} // namespace gestvenv::cli
