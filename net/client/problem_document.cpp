// SPDX-License-Identifier: MIT
#include "net/client/problem_document.hpp"

#include "messages/json.hpp"

#include <fmt/format.h>

#include <string>

namespace gestvenv {

namespace {

std::string text_at(const nlohmann::json& body, const char* key) {
    auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

template <class T>
std::optional<T> value_at(const nlohmann::json& body, const char* key) {
    auto found = body.find(key);
    if (found == body.end())
        return std::nullopt;
    auto value = from_json_value<T>(*found);
    return value ? std::optional<T>{std::move(*value)} : std::nullopt;
}

} // namespace

problem_document problem_in(const http::response& answer) {
    problem_document result;
    result.what.code = error_code::node_unreachable;
    result.what.message = fmt::format("the node answers with status {} and no reason", answer.status);
    const auto* type = answer.headers.find("Content-Type");
    auto body = parse_json(answer.body);
    if (type == nullptr || !type->starts_with("application/problem+json") || !body || !body->is_object())
        return result;
    // A code that this version does not know is one of a newer node.
    if (!from_string(text_at(*body, "code"), result.what.code))
        result.what.code = error_code::system_failure;
    for (const auto* key : {"title", "detail"})
        if (auto text = text_at(*body, key); !text.empty())
            result.what.message = std::move(text);
    result.what.environment = text_at(*body, "environment");
    result.what.hint = text_at(*body, "hint");
    result.receipt = value_at<teardown_receipt>(*body, "receipt");
    result.result = value_at<operation_result>(*body, "result");
    return result;
}

} // namespace gestvenv
