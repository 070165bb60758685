// SPDX-License-Identifier: MIT
#include "runtime/configuration_document.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "runtime/configuration_keys.hpp"
#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::string_view table_name = "ephemeral";

tl::unexpected<error> refuse(std::string message, std::string hint) {
    return failure(error_code::invalid_argument, std::move(message), std::move(hint));
}

outcome<toml::table> parse(std::string_view text, std::string_view name) {
    if (auto within = check_toml_bounds(text, name); !within)
        return failure(std::move(within).error());
    auto result = toml::parse(text);
    if (!result) {
        const auto& problem = result.error();
        return refuse(fmt::format("{}:{}: {}", name, problem.source().begin.line, problem.description()),
                      "the file is TOML: a line [ephemeral], then lines such as default_ttl = 3600");
    }
    return std::move(result).table();
}

outcome<nlohmann::json> value_of(const toml::node& node, std::string_view place) {
    if (const auto* text = node.as_string())
        return nlohmann::json(text->get());
    if (const auto* number = node.as_integer())
        return nlohmann::json(number->get());
    if (const auto* number = node.as_floating_point())
        return nlohmann::json(number->get());
    if (const auto* flag = node.as_boolean())
        return nlohmann::json(flag->get());
    if (node.is_array())
        return nlohmann::json::array();
    if (node.is_table())
        return nlohmann::json::object();
    return refuse(fmt::format("{} is a date or time, which no key takes", place),
                  "docs/configuration.md says what each key takes");
}

tl::unexpected<error> outside_table(std::string_view name, const toml::key& key, const toml::node& node) {
    auto where = fmt::format("{}:{}", name, key.source().begin.line);
    if (node.is_table()) {
        auto near = nearest_name(key.str(), {std::string{table_name}});
        return refuse(fmt::format("{}: there is no table {}", where, shown(key.str())),
                      near ? "did you mean [ephemeral]?" : "all keys stand in the table [ephemeral]");
    }
    return refuse(fmt::format("{}: {} stands outside the table [ephemeral]", where, shown(key.str())),
                  "put a line [ephemeral] before it");
}

outcome<void> take_table(observability_configuration& result, std::string_view name, const toml::key& top,
                         const toml::table& table) {
    for (const auto& [key, node] : table) {
        auto place = fmt::format("{}:{}", name, key.source().begin.line);
        auto value = value_of(node, fmt::format("{}: {}", place, shown(key.str())));
        if (!value)
            return failure(std::move(value).error());
        if (auto taken = take_observability_value(result, top.str(), key.str(), *value); !taken) {
            auto problem = std::move(taken).error();
            problem.message = fmt::format("{}: {}", place, problem.message);
            return failure(std::move(problem));
        }
    }
    return {};
}

outcome<observability_configuration> observability_in(const toml::table& document, std::string_view name) {
    observability_configuration result;
    for (const auto& [top, table] : document)
        if (is_observability_table(top.str()) && table.is_table())
            if (auto taken = take_table(result, name, top, *table.as_table()); !taken)
                return failure(std::move(taken).error());
    return result;
}

/// The byte at which a position lies; toml++ counts lines and characters from 1.
std::optional<std::size_t> offset_of(std::string_view text, toml::source_position position) {
    std::size_t at = 0;
    for (toml::source_index line = 1; line < position.line; ++line) {
        at = text.find('\n', at);
        if (at == std::string_view::npos)
            return {};
        ++at;
    }
    for (toml::source_index column = 1; column < position.column; ++column) {
        if (at >= text.size())
            return {};
        do
            ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    }
    return at;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
    auto end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t begin_of_line(std::string_view text, std::size_t at) {
    if (at == 0)
        return 0;
    auto before = text.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

/// Where a new line goes: after the last plain value of the table, else after its heading.
std::optional<std::size_t> place_for_new_line(std::string_view text, const toml::table& table) {
    std::optional<std::size_t> last;
    for (const auto& [key, node] : table)
        if (auto end = offset_of(text, node.source().end); end && (!last || *end > *last))
            last = end;
    if (!last)
        last = offset_of(text, table.source().begin);
    if (!last)
        return {};
    return end_of_line(text, *last);
}

/// The proof that an edit did what it was to do and nothing else.
outcome<std::string> checked(std::string changed, std::string_view name, const toml::table& wanted) {
    if (auto result = parse(changed, name); result && *result == wanted)
        return changed;
    return refuse(
        fmt::format("{} is written in a way that cannot be changed without risk to the rest of it", name),
        "change it by hand, or write each key on a line of its own below a line [ephemeral]");
}

toml::table& ephemeral_table(toml::table& all) {
    return *all.insert(table_name, toml::table{}).first->second.as_table();
}

void insert(toml::table& table, std::string_view key, const nlohmann::json& value) {
    if (value.is_boolean())
        table.insert_or_assign(key, value.get<bool>());
    else if (value.is_number_integer())
        table.insert_or_assign(key, value.get<std::int64_t>());
    else if (value.is_number())
        table.insert_or_assign(key, value.get<double>());
    else
        table.insert_or_assign(key, value.get<std::string>());
}

} // namespace

outcome<std::vector<configuration_entry>> parse_configuration(std::string_view text, std::string_view name,
                                                              observability_configuration* others) {
    auto document = parse(text, name);
    if (!document)
        return failure(std::move(document).error());
    auto found = observability_in(*document, name);
    if (!found)
        return failure(std::move(found).error());
    if (others != nullptr)
        *others = std::move(*found);
    std::vector<configuration_entry> entries;
    for (const auto& [top, table] : *document) {
        if (is_observability_table(top.str()) && table.is_table())
            continue;
        if (top.str() != table_name || !table.is_table())
            return outside_table(name, top, table);
        for (const auto& [key, node] : *table.as_table()) {
            auto line = static_cast<std::size_t>(key.source().begin.line);
            auto value = value_of(node, fmt::format("{}:{}: {}", name, line, shown(key.str())));
            if (!value)
                return failure(std::move(value).error());
            entries.push_back({std::string{key.str()}, std::move(*value), line});
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& left, const auto& right) { return left.line < right.line; });
    return entries;
}

outcome<observability_configuration> parse_observability(std::string_view text, std::string_view name) {
    return parse(text, name).and_then([name](const toml::table& document) {
        return observability_in(document, name);
    });
}

std::string toml_text(const nlohmann::json& value) {
    // What is no UTF-8 makes a text that differs from the value: `with_value` refuses it.
    auto text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    // What JSON writes is TOML, but for the one control character that JSON leaves alone.
    for (auto at = text.find('\x7F'); at != std::string::npos; at = text.find('\x7F', at))
        text.replace(at, 1, "\\u007f");
    return text;
}

outcome<std::string> with_value(std::string_view text, std::string_view name, std::string_view key,
                                const nlohmann::json& value) {
    auto document = parse(text, name);
    if (!document)
        return failure(std::move(document).error());
    auto written = toml_text(value);
    std::string changed{text};
    const auto* table = document->get_as<toml::table>(table_name);
    if (const auto* old = table == nullptr ? nullptr : table->get(key)) {
        auto begin = offset_of(text, old->source().begin);
        auto end = offset_of(text, old->source().end);
        if (begin && end && *begin <= *end)
            changed.replace(*begin, *end - *begin, written);
    } else {
        auto line = fmt::format("{} = {}\n", key, written);
        auto at = table == nullptr ? text.size() : place_for_new_line(text, *table).value_or(text.size());
        if (at > 0 && text[at - 1] != '\n')
            line.insert(0, 1, '\n');
        if (table == nullptr)
            line.insert(at == 0 || text[at - 1] == '\n' ? 0 : 1,
                        fmt::format("{}[{}]\n", at == 0 ? "" : "\n", table_name));
        changed.insert(at, line);
    }
    insert(ephemeral_table(*document), key, value);
    return checked(std::move(changed), name, *document);
}

outcome<std::string> without_value(std::string_view text, std::string_view name, std::string_view key) {
    auto document = parse(text, name);
    if (!document)
        return failure(std::move(document).error());
    auto* table = document->get_as<toml::table>(table_name);
    const auto* old = table == nullptr ? nullptr : table->get(key);
    if (old == nullptr)
        return std::string{text};
    auto begin = offset_of(text, old->source().begin);
    auto end = offset_of(text, old->source().end);
    std::string changed{text};
    if (begin && end && *begin <= *end) {
        auto first = begin_of_line(text, *begin);
        changed.erase(first, end_of_line(text, *end) - first);
    }
    table->erase(key);
    return checked(std::move(changed), name, *document);
}

} // namespace gestvenv
