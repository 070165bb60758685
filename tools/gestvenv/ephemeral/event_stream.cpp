// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/event_stream.hpp"

#include "messages/json.hpp"
#include "net/client/node_link.hpp"
#include "net/client/problem_document.hpp"
#include "net/http/client.hpp"
#include "tools/gestvenv/node/node_requests.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace gestvenv::cli {

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
                            const std::function<bool(const runtime_event&)>& take,
                            const std::stop_token& interrupted) {
    auto node = requests_to(choice);
    if (!node)
        return failure(std::move(node).error());
    auto connection = http::client::connect(node->where, {});
    if (!connection)
        return failure(std::move(connection).error());
    auto request =
        node->request_for("GET", environment_id.empty() ? std::string{"/events"}
                                                        : fmt::format("/ephemeral/environments/{}/events",
                                                                      path_part(environment_id)));
    request.headers.add("Accept", "text/event-stream");
    request.headers.add("Last-Event-ID", "0"); // else only what comes
    event_reader reader;
    bool enough = false;
    const std::stop_callback ending{interrupted, [&connection] { connection->cancel(); }};
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
    if (enough || interrupted.stop_requested())
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
