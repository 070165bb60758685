// SPDX-License-Identifier: MIT
#include "runtime/observability_configuration.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "messages/unit_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gestvenv {

namespace {

using json = nlohmann::json;

tl::unexpected<error> refuse(std::string_view key, const char* accepted) {
    return failure(error_code::invalid_argument, fmt::format("{} has a value that is not accepted", key),
                   fmt::format("{} takes {}", key, accepted));
}

bool take_text(const json& value, std::string& target) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->empty())
        return false;
    target = *text;
    return true;
}

bool take_word(const json& value, std::string& target, std::initializer_list<std::string_view> words) {
    std::string text;
    if (!take_text(value, text) || std::find(words.begin(), words.end(), text) == words.end())
        return false;
    target = std::move(text);
    return true;
}

bool take_path(const json& value, std::string& target) {
    std::string text;
    if (!take_text(value, text) || text.front() != '/' || text.find('\0') != std::string::npos)
        return false;
    target = std::move(text);
    return true;
}

bool take_number(const json& value, std::optional<std::int64_t>& target, std::int64_t least,
                 std::int64_t most) {
    std::optional<double> number;
    if (const auto* text = value.get_ptr<const std::string*>())
        number = bytes_in(*text, 1);
    else if (value.is_number_integer())
        number = value.get<double>();
    if (!number || *number < static_cast<double>(least) || *number > static_cast<double>(most))
        return false;
    target = static_cast<std::int64_t>(*number);
    return true;
}

struct known_key {
    std::string_view table;
    std::string_view name;
    const char* accepted;
    bool (*take)(observability_configuration& result, const json& value);
};

constexpr std::int64_t smallest_file = 64 << 10;
constexpr std::int64_t largest_file = std::int64_t{1} << 30;
constexpr std::int64_t most_files = 100;

constexpr std::array keys{
    known_key{"log", "format", R"("text" or "json")",
              [](auto& result, const json& value) {
                  return take_word(value, result.log.format, {"text", "json"});
              }},
    known_key{"log", "level", R"("debug", "info", "warning" or "error")",
              [](auto& result, const json& value) {
                  return take_word(value, result.log.level, {"debug", "info", "warning", "error"});
              }},
    known_key{"log", "file", "the absolute path of a file",
              [](auto& result, const json& value) { return take_path(value, result.log.file); }},
    known_key{"log", "max_size", R"(bytes from 65536 to 1073741824, or a text with a unit ("4M"))",
              [](auto& result, const json& value) {
                  return take_number(value, result.log.largest_file, smallest_file, largest_file);
              }},
    known_key{
        "log", "max_files", "a whole number from 1 to 100",
        [](auto& result, const json& value) { return take_number(value, result.log.files, 1, most_files); }},
    known_key{"traces", "endpoint", R"(the URL of a collector, as "http://localhost:4318")",
              [](auto& result, const json& value) { return take_text(value, result.traces.endpoint); }},
    known_key{"traces", "headers_file", "the absolute path of a file with lines name=value",
              [](auto& result, const json& value) { return take_path(value, result.traces.headers_file); }},
    known_key{"traces", "service_name", "a text",
              [](auto& result, const json& value) { return take_text(value, result.traces.service_name); }},
};

} // namespace

bool is_observability_table(std::string_view name) noexcept {
    return std::any_of(keys.begin(), keys.end(), [name](const auto& key) { return key.table == name; });
}

outcome<void> take_observability_value(observability_configuration& result, std::string_view table,
                                       std::string_view key, const nlohmann::json& value) {
    std::vector<std::string> names;
    for (const auto& one : keys) {
        if (one.table != table)
            continue;
        if (one.name == key)
            return one.take(result, value) ? outcome<void>{} : refuse(key, one.accepted);
        names.emplace_back(one.name);
    }
    auto near = nearest_name(key, names);
    return failure(error_code::invalid_argument, fmt::format("there is no key {} in [{}]", shown(key), table),
                   near ? fmt::format("did you mean {}?", *near) : "docs/observability.md lists all keys");
}

} // namespace gestvenv
