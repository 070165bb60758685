// SPDX-License-Identifier: MIT
#include "system/python/venv_layout.hpp"

#include "messages/spelling.hpp"

#include <algorithm>

namespace gestvenv::python {

namespace {

// The characters that `shlex.quote` leaves alone: `\w@%+=:,./-` in ASCII.
bool is_safe_for_shell(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"_@%+=:,./-"}.find(c) != std::string_view::npos;
}

std::string with_each_apostrophe_as(std::string_view value, std::string_view replacement) {
    std::string result;
    result.reserve(value.size() + 16);
    for (char c : value) {
        if (c == '\'')
            result += replacement;
        else
            result += c;
    }
    return result;
}

std::string as_python_repr(std::string_view value) {
    // As CPython's unicode_repr: double quotes only where they save escaping single ones.
    bool has_single = value.find('\'') != std::string_view::npos;
    bool has_double = value.find('"') != std::string_view::npos;
    char quote = has_single && !has_double ? '"' : '\'';
    std::string result{quote};
    for (char c : value) {
        if (c == quote || c == '\\')
            result += '\\';
        result += c; // control characters are kept out by check()
    }
    result += quote;
    return result;
}

bool has_control_character(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

std::string_view last_component(std::string_view path) noexcept {
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

// Whether every component of a relative path is a name.
bool stays_below(std::string_view path) noexcept {
    while (true) {
        auto slash = path.find('/');
        auto component = path.substr(0, slash);
        if (component.empty() || component == "." || component == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        path.remove_prefix(slash + 1);
    }
}

} // namespace

std::string_view to_string(layout_entry_kind value) noexcept {
    switch (value) {
    case layout_entry_kind::directory:
        return "directory";
    case layout_entry_kind::file:
        return "file";
    case layout_entry_kind::symlink:
        return "symlink";
    }
    return {};
}

std::string_view to_string(layout_value value) noexcept {
    switch (value) {
    case layout_value::literal:
        return "literal";
    case layout_value::venv_path:
        return "venv_path";
    case layout_value::venv_name:
        return "venv_name";
    case layout_value::prompt:
        return "prompt";
    }
    return {};
}

std::string_view to_string(layout_quoting value) noexcept {
    switch (value) {
    case layout_quoting::none:
        return "none";
    case layout_quoting::shell_word:
        return "shell_word";
    case layout_quoting::shell_inner:
        return "shell_inner";
    case layout_quoting::powershell_inner:
        return "powershell_inner";
    case layout_quoting::python_repr:
        return "python_repr";
    case layout_quoting::plain_only:
        return "plain_only";
    }
    return {};
}

std::string_view to_string(layout_condition value) noexcept {
    switch (value) {
    case layout_condition::always:
        return "always";
    case layout_condition::with_prompt:
        return "with_prompt";
    case layout_condition::without_prompt:
        return "without_prompt";
    }
    return {};
}

bool from_string(std::string_view text, layout_entry_kind& value) noexcept {
    return find_spelling(text, value, [](layout_entry_kind x) { return to_string(x); });
}

bool from_string(std::string_view text, layout_value& value) noexcept {
    return find_spelling(text, value, [](layout_value x) { return to_string(x); });
}

bool from_string(std::string_view text, layout_quoting& value) noexcept {
    return find_spelling(text, value, [](layout_quoting x) { return to_string(x); });
}

bool from_string(std::string_view text, layout_condition& value) noexcept {
    return find_spelling(text, value, [](layout_condition x) { return to_string(x); });
}

outcome<void> check(const layout_values& values) {
    const auto& path = values.venv_path;
    if (path.size() < 2 || path.front() != '/' || path.back() == '/')
        return failure(error_code::invalid_argument,
                       "the path of an environment must be absolute and not end in `/`");
    if (path.find(':') != std::string::npos)
        return failure(
            error_code::invalid_argument,
            "the path of an environment must not contain `:`, which separates the entries of PATH");
    if (has_control_character(path))
        return failure(error_code::invalid_argument,
                       "the path of an environment must not contain control characters");
    if (values.prompt && has_control_character(*values.prompt))
        return failure(error_code::invalid_argument,
                       "the prompt of an environment must not contain control characters");
    return {};
}

outcome<void> check(const venv_layout& layout) {
    for (const auto& entry : layout.entries) {
        if (!stays_below(entry.path) || entry.path.find('\0') != std::string::npos)
            return failure(error_code::invalid_argument,
                           "an entry of a layout does not stay below the environment's folder");
        if (entry.mode > 0777)
            return failure(error_code::invalid_argument,
                           "an entry of a layout has more than permission bits in its mode");
        if (entry.kind == layout_entry_kind::directory && !entry.content.empty())
            return failure(error_code::invalid_argument, "a folder of a layout has content");
    }
    return {};
}

bool needs_no_quoting(std::string_view value) noexcept {
    return !value.empty() && std::all_of(value.begin(), value.end(), is_safe_for_shell);
}

std::string quoted(std::string_view value, layout_quoting quoting) {
    switch (quoting) {
    case layout_quoting::none:
    case layout_quoting::plain_only:
        break;
    case layout_quoting::shell_word:
        if (needs_no_quoting(value))
            break;
        return "'" + with_each_apostrophe_as(value, R"('"'"')") + "'";
    case layout_quoting::shell_inner:
        return with_each_apostrophe_as(value, R"('"'"')");
    case layout_quoting::powershell_inner:
        return with_each_apostrophe_as(value, "''");
    case layout_quoting::python_repr:
        return as_python_repr(value);
    }
    return std::string{value};
}

std::string_view layout_renderer::plain(layout_value value) const noexcept {
    switch (value) {
    case layout_value::literal:
        break;
    case layout_value::venv_path:
        return values_.venv_path;
    case layout_value::venv_name:
        return last_component(values_.venv_path);
    case layout_value::prompt:
        return values_.prompt ? std::string_view{*values_.prompt} : last_component(values_.venv_path);
    }
    return {};
}

std::string_view layout_renderer::text_of(const layout_segment& segment) {
    if (segment.value == layout_value::literal)
        return segment.text;
    auto value = static_cast<std::size_t>(segment.value);
    auto quoting = static_cast<std::size_t>(segment.quoting);
    if (segment.quoting == layout_quoting::none || value >= layout_value_count ||
        quoting >= layout_quoting_count) // no enumerator: a layout that has not been checked
        return plain(segment.value);
    auto& known = quoted_[value][quoting];
    if (!known)
        known = quoted(plain(segment.value), segment.quoting);
    return *known;
}

void layout_renderer::render(const layout_entry& entry, std::string& out) {
    out.clear();
    for (const auto& segment : entry.content)
        out += text_of(segment);
}

bool layout_renderer::holds(layout_condition condition) const noexcept {
    switch (condition) {
    case layout_condition::always:
        break;
    case layout_condition::with_prompt:
        return values_.prompt.has_value();
    case layout_condition::without_prompt:
        return !values_.prompt.has_value();
    }
    return true;
}

bool layout_renderer::can_render(const layout_entry& entry) const noexcept {
    return std::all_of(entry.content.begin(), entry.content.end(), [this](const layout_segment& segment) {
        return segment.quoting != layout_quoting::plain_only || needs_no_quoting(plain(segment.value));
    });
}

} // namespace gestvenv::python
