// SPDX-License-Identifier: MIT
#include "system/journal/resource_kinds.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace gestvenv {

namespace {

template <journal_resource T>
outcome<known_resource> read_as(const nlohmann::json& detail) {
    const auto keys = to_json_value(T{});
    auto own = detail;
    if (own.is_object())
        for (auto entry = own.begin(); entry != own.end();)
            entry = keys.contains(entry.key()) ? std::next(entry) : own.erase(entry);
    return from_json_value<T>(own)
        .map([](T resource) { return known_resource{std::move(resource)}; })
        .map_error([](error reason) {
            reason.message = fmt::format("its entry in the journal cannot be understood: {}", reason.message);
            return reason;
        });
}

template <std::size_t... index>
outcome<known_resource> read_any(std::string_view kind, const nlohmann::json& detail,
                                 std::index_sequence<index...>) {
    outcome<known_resource> result =
        failure(error_code::invalid_argument,
                fmt::format("this version does not know kind {}: a newer version of GestVenv made it", kind));
    auto try_one = [&]<class T>(std::type_identity<T>) {
        if (kind != T::kind)
            return false;
        result = read_as<T>(detail);
        return true;
    };
    (void)(try_one(std::type_identity<std::variant_alternative_t<index, known_resource>>{}) || ...);
    return result;
}

} // namespace

outcome<known_resource> read_resource(std::string_view kind, const nlohmann::json& detail) {
    return read_any(kind, detail, std::make_index_sequence<std::variant_size_v<known_resource>>{});
}

std::string environment_name_of(const known_resource& resource) {
    return std::visit(
        [](const auto& known) -> std::string {
            if constexpr (requires { known.environment_name; })
                return known.environment_name;
            else
                return {};
        },
        resource);
}

int launcher_of(const known_resource& resource) {
    return std::visit(
        [](const auto& known) {
            if constexpr (requires { known.launcher; })
                return known.launcher;
            else
                return 0;
        },
        resource);
}

std::vector<std::string> listed(const unfinished_resource& item) {
    auto resource = read_resource(item.kind, item.detail);
    if (!resource)
        return {fmt::format("{} ({})", item.kind, resource.error().message)};
    auto lines = std::visit([](const auto& known) { return known.listed(); }, *resource);
    if (lines.empty())
        return {item.kind};
    for (auto& line : lines)
        line = fmt::format("{} {}", item.kind, line);
    return lines;
}

} // namespace gestvenv
