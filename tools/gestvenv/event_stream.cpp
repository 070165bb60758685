// SPDX-License-Identifier: MIT
#include "tools/gestvenv/event_stream.hpp"

#include "messages/json.hpp"
#include "net/client/node_link.hpp"
#include "net/client/problem_document.hpp"
#include "net/http/client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace gestvenv::cli {

namespace {

http::server_address address_of(const client_options& options) {
    http::server_address where;
    where.socket = options.socket;
    where.host = options.host;
    where.port = options.port;
    where.encrypted = options.socket.empty() && options.encrypted;
    where.authorities = options.authorities;
    return where;
}

} // namespace

bool event_reader::read(std::string_view piece, const std::function<bool(std::string_view data)>& take) {
    for (char byte : piece) {
        if (byte != '\n') {
            if (line_.size() + data_.size() >= longest_line)
                return false;
            line_ += byte;
            continue;
        }
        constexpr std::string_view field = "data:";
        if (line_.empty() && !data_.empty()) {
            if (!take(std::exchange(data_, {})))
                return false;
        } else if (line_.starts_with(field)) {
            std::string_view value{line_};
            value.remove_prefix(field.size());
            if (value.starts_with(' '))
                value.remove_prefix(1);
            data_ += value;
        }
        line_.clear();
    }
    return true;
}

outcome<void> follow_events(const node_choice& choice, const std::string& environment_id,
                            const std::function<bool(const runtime_event&)>& take) {
    auto found = find_node(choice);
    if (!found)
        return failure(std::move(found).error());
    if (!*found)
        return failure(error_code::node_unreachable, "the node has ended");
    auto connection = http::client::connect(address_of(**found), {});
    if (!connection)
        return failure(std::move(connection).error());
    http::request request;
    request.method = "GET";
    request.target = fmt::format("/api/v1/ephemeral/environments/{}/events", path_part(environment_id));
    request.headers.add("Accept", "text/event-stream");
    request.headers.add("Last-Event-ID", "0"); // else only what comes
    if (!(*found)->token.empty())
        request.headers.add("Authorization", "Bearer " + (*found)->token);
    event_reader reader;
    bool enough = false;
    std::optional<error> unreadable;
    auto answer = connection->ask_streamed(request, [&](std::string_view piece) {
        return reader.read(piece, [&](std::string_view data) {
            auto event = parse_json(data).and_then(
                [](const nlohmann::json& value) { return from_json_value<runtime_event>(value); });
            if (!event) {
                unreadable = event.error();
                return false;
            }
            enough = !take(*event);
            return !enough;
        });
    });
    if (enough)
        return {};
    if (unreadable)
        return failure(error_code::node_unreachable,
                       fmt::format("an event of the node cannot be read: {}", unreadable->message));
    if (!answer)
        return failure(std::move(answer).error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    return {};
}

} // namespace gestvenv::cli
