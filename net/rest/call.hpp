// SPDX-License-Identifier: MIT
// One request that has been let through to its route, and the ways to answer it.
#pragma once

#include "messages/json.hpp"
#include "messages/validation.hpp"
#include "net/http/exchange.hpp"
#include "net/node/node_services.hpp"
#include "net/rest/principal.hpp"
#include "net/rest/problem.hpp"
#include "net/rest/router.hpp"
#include "runtime/ask.hpp"
#include "system/tracing/span.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::rest {

struct call {
    std::shared_ptr<http::exchange> exchange;
    principal who;
    path_parameters parameters;
    node_services* node = nullptr;
    const gestvenv::rest::router* routes = nullptr;
    /// The body, where the route takes JSON.
    nlohmann::json body;
    /// The client's trace (`traceparent`), or a new one without a span.
    trace_context trace;

    const http::request& asked() const noexcept { return exchange->asked(); }
    /// `{env}` of the path.
    const std::string& environment() const { return parameters.find("env")->second; }
    /// Parameters of the query, checked already.
    std::string text(std::string_view name) const;
    bool flag(std::string_view name, bool otherwise = false) const;
    std::int64_t number(std::string_view name, std::int64_t otherwise) const;

    void answer(int status, const nlohmann::json& value) const;
    void answer_json(int status, std::string text) const;
    void answer(int status) const;
    void refuse(const error& what) const { exchange->answer(problem(what)); }
    /// Because the node ends.
    void refuse_at_end() const;
};

/// As an answer has it: what is not UTF-8 has been written as base64 already.
std::string json_text(const nlohmann::json& value);

/// Refuses a file that is named by a descriptor (`/dev/fd/5`): it would be the node's own, and not the client's.
outcome<void> check_file_of_client(const std::string& path);

/// The body as a value of type T; where it is none, the call has been answered.
template <class T>
std::optional<T> body_of(const call& what) {
    auto value = from_json_value<T>(what.body);
    if (!value) {
        what.refuse(value.error());
        return {};
    }
    // Where the answer does not wait for what comes of it, too.
    if constexpr (requires { validate(*value); })
        if (auto good = validate(*value); !good) {
            what.refuse(good.error());
            return {};
        }
    return std::move(*value);
}

/// Asks an actor of the runtime; `answered` runs on the server's thread. An error has been answered.
template <class Answer, class Handle, class... Arguments>
void ask(const call& what, const Handle& receiver, std::function<void(Answer&)> answered,
         Arguments&&... arguments) {
    if (what.node->runtime_closes)
        return what.refuse_at_end();
    what.node->runtime->begin_at<Answer>(
        receiver,
        [what, answered = std::move(answered)](outcome<Answer> result) {
            auto kept = std::make_shared<outcome<Answer>>(std::move(result));
            what.node->server->post([what, answered, kept] {
                if (!*kept)
                    what.refuse(kept->error());
                else
                    answered(**kept);
            });
        },
        std::forward<Arguments>(arguments)...);
}

/// The same with the supervisor.
template <class Answer, class... Arguments>
void ask_supervisor(const call& what, std::function<void(Answer&)> answered, Arguments&&... arguments) {
    // Its actors are let go when it closes.
    if (what.node->runtime_closes)
        return what.refuse_at_end();
    ask<Answer>(what, what.node->runtime->shared()->supervisor, std::move(answered),
                std::forward<Arguments>(arguments)...);
}

/// Asks the supervisor and answers with what it says, as JSON.
template <class Answer, class... Arguments>
void pass_on(const call& what, Arguments&&... arguments) {
    ask_supervisor<Answer>(
        what, [what](Answer& value) { what.answer(200, to_json_value(value)); },
        std::forward<Arguments>(arguments)...);
}

/// Calls `go` with the environment of the path, as the supervisor knows it, if the principal reaches it. For others it
/// does not exist.
void with_environment(const call& what, std::function<void(const environment_info&)> go);

/// Answers with the items behind the query's `cursor`, `limit` of them at most (`usual` where the query has none):
/// `{"items": [...], "next": "..." or null}`. The cursor is the last item before, as `id_of` names it.
template <class Item, class Id>
void answer_page(const call& what, const std::vector<Item>& items, std::int64_t usual, Id id_of) {
    auto first = items.begin();
    if (const auto cursor = what.text("cursor"); !cursor.empty()) {
        first = std::find_if(first, items.end(), [&](const Item& item) { return id_of(item) == cursor; });
        // The item before may have gone meanwhile: then there is no telling where it was, and the rest is left out.
        if (first != items.end())
            ++first;
    }
    const auto size = std::min<std::ptrdiff_t>(what.number("limit", usual), items.end() - first);
    // One by one: a document of all of them would be many times as large as its text.
    std::string body = R"({"items":[)";
    for (auto last = first + size; first != last; ++first)
        body.append(body.back() == '[' ? "" : ",").append(json_text(to_json_value(*first)));
    const bool more = size > 0 && first != items.end();
    body.append(R"(],"next":)")
        .append(json_text(more ? nlohmann::json(id_of(*std::prev(first))) : nlohmann::json{}));
    what.answer_json(200, body + "}");
}

} // namespace gestvenv::rest
