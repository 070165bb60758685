// SPDX-License-Identifier: MIT
#include "net/observability/log_line.hpp"

#include "messages/iso_time.hpp"
#include "system/redaction.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstddef>

namespace gestvenv {

namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warning",
                                            "error"}; // NOLINT(modernize-avoid-c-arrays)

std::string safe(std::string_view text) {
    return without_secrets(text.substr(0, longest_line));
}

// A message of several lines stays one: what follows could pass for lines of ours.
void append_printable(std::string& target, std::string_view text) {
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            target += "\\n";
        else if (byte < ' ' || byte == 0x7f)
            target += fmt::format("\\x{:02x}", byte);
        else
            target += c;
    }
}

void append_field(std::string& target, std::string_view name, std::string_view value) {
    if (value.empty())
        return;
    target += ' ';
    target += name;
    target += '=';
    const bool quoted = value.find_first_of(" \"=\n\t") != std::string_view::npos;
    if (quoted)
        target += '"';
    append_printable(target, value);
    if (quoted)
        target += '"';
}

std::string as_text(const log_line& line) {
    auto text = fmt::format("{} {:<7} ", to_iso_time(line.at), to_string(line.level));
    append_printable(text, safe(line.message));
    append_field(text, "environment", line.environment_name);
    append_field(text, "environment_id", line.environment_id);
    append_field(text, "operation", line.operation);
    append_field(text, "trace_id", line.trace);
    append_field(text, "span_id", line.span);
    for (const auto& [name, value] : line.fields)
        append_field(text, name, safe(value));
    return text;
}

std::string as_json(const log_line& line) {
    nlohmann::ordered_json value{
        {"time", to_iso_time(line.at)}, {"level", to_string(line.level)}, {"message", safe(line.message)}};
    const auto add = [&value](const char* name, const std::string& text) {
        if (!text.empty())
            value[name] = text;
    };
    add("environment", line.environment_name);
    add("environment_id", line.environment_id);
    add("operation", line.operation);
    add("trace_id", line.trace);
    add("span_id", line.span);
    for (const auto& [name, text] : line.fields)
        value[name] = safe(text);
    return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace

std::string_view to_string(log_level value) noexcept {
    return level_names[static_cast<std::size_t>(value)];
}

bool from_string(std::string_view text, log_level& value) noexcept {
    for (auto known : {log_level::debug, log_level::info, log_level::warning, log_level::error})
        if (text == to_string(known)) {
            value = known;
            return true;
        }
    return false;
}

std::string_view to_string(log_format value) noexcept {
    return value == log_format::json ? "json" : "text";
}

bool from_string(std::string_view text, log_format& value) noexcept {
    for (auto known : {log_format::text, log_format::json})
        if (text == to_string(known)) {
            value = known;
            return true;
        }
    return false;
}

std::string write_line(const log_line& line, log_format format) {
    return format == log_format::json ? as_json(line) : as_text(line);
}

} // namespace gestvenv
