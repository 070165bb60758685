// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"

#include "system/posix/descriptor_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gestvenv::rest {

std::string call::text(std::string_view name) const {
    auto found = asked().query.find(std::string{name});
    return found == asked().query.end() ? std::string{} : found->second;
}

bool call::flag(std::string_view name, bool otherwise) const {
    auto given = text(name);
    return given.empty() ? otherwise : given == "true" || given == "1";
}

std::int64_t call::number(std::string_view name, std::int64_t otherwise) const {
    auto given = text(name);
    std::int64_t value = otherwise;
    if (!given.empty())
        std::from_chars(given.data(), given.data() + given.size(), value);
    return value;
}

void call::answer(int status, const nlohmann::json& value) const {
    answer_json(status, json_text(value));
}

void call::answer_json(int status, std::string text) const {
    http::response whole;
    whole.status = status;
    whole.headers.add("Content-Type", "application/json");
    whole.body = std::move(text);
    exchange->answer(std::move(whole));
}

void call::answer(int status) const {
    http::response whole;
    whole.status = status;
    exchange->answer(std::move(whole));
}

void call::refuse_at_end() const {
    refuse({error_code::shutting_down, "the node ends", {}, {}});
}

std::string json_text(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

outcome<void> check_file_of_client(const std::string& path) {
    if (!descriptor_named(path))
        return {};
    return failure(error_code::invalid_argument, fmt::format("{} is a descriptor of another process", path),
                   "name a file");
}

void with_environment(const call& what, std::function<void(const environment_info&)> go) {
    const auto wanted = what.environment();
    ask_supervisor<environment_info>(
        what,
        [what, wanted, go = std::move(go)](environment_info& found) {
            if (what.who.reaches(what.node->owners.of(found.id)))
                return go(found);
            what.refuse({error_code::environment_not_found,
                         fmt::format("no environment is named '{}'", wanted), wanted,
                         "GET /api/v1/ephemeral/environments lists those of this token"});
        },
        find_atom_v, wanted);
}

} // namespace gestvenv::rest
