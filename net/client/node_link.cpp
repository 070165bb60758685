// SPDX-License-Identifier: MIT
#include "net/client/node_link.hpp"

#include "system/tracing/trace_context.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::chrono::milliseconds quick_answer{60'000};
constexpr std::chrono::milliseconds between_pieces{60'000};

tl::unexpected<error> ended() {
    return failure(error_code::shutting_down, "the client of the node has ended");
}

bool is_plain(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("-._~", c) != nullptr;
}

} // namespace

std::string path_part(std::string_view text) {
    constexpr std::string_view digits{"0123456789ABCDEF"};
    std::string result;
    for (char c : text) {
        if (c != '\0' && is_plain(c)) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return result;
}

/// While it lives, `close` reaches the connection.
class node_link::lease {
public:
    lease(node_link& link, http::client& connection) : link_(link), connection_(connection) {
        std::scoped_lock lock{link_.mutex_};
        if (link_.closed_)
            connection_.cancel();
        link_.busy_.insert(&connection_);
    }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() {
        std::scoped_lock lock{link_.mutex_};
        link_.busy_.erase(&connection_);
    }

private:
    node_link& link_;
    http::client& connection_;
};

outcome<http::client> node_link::take(patience until) {
    {
        std::scoped_lock lock{mutex_};
        if (closed_)
            return ended();
        auto& kept = idle_.at(static_cast<std::size_t>(until));
        if (!kept.empty()) {
            auto connection = std::move(kept.back());
            kept.pop_back();
            return connection;
        }
    }
    http::client_deadlines bounds;
    if (until == patience::quick)
        bounds.answer = quick_answer;
    bounds.piece = between_pieces;
    return http::client::connect(where_, bounds);
}

void node_link::give_back(http::client connection, patience until) {
    std::scoped_lock lock{mutex_};
    auto& kept = idle_.at(static_cast<std::size_t>(until));
    if (!closed_ && kept.size() < most_idle)
        kept.push_back(std::move(connection));
}

http::request node_link::request_for(std::string_view method, std::string_view path, std::string body) const {
    http::request result;
    result.method = method;
    result.target = "/api/v1" + std::string{path};
    result.headers.add("Accept", "application/json");
    // Of the job that has started this program: the node's work becomes part of its trace.
    const char* parent = std::getenv("TRACEPARENT"); // NOLINT(concurrency-mt-unsafe): read only
    if (parent != nullptr && parse_traceparent(parent))
        result.headers.add("traceparent", parent);
    if (!token_.empty())
        result.headers.add("Authorization", "Bearer " + token_);
    if (!body.empty())
        result.headers.add("Content-Type", "application/json");
    result.body = std::move(body);
    return result;
}

outcome<http::response> node_link::ask(std::string_view method, std::string_view path, std::string body,
                                       patience until, const std::stop_token& stop) {
    // The node is not to begin what has no client any more.
    if (stop.stop_requested())
        return failure(error_code::cancelled, "the request was taken back");
    auto connection = take(until);
    if (!connection)
        return failure(connection.error());
    outcome<http::response> answer = ended();
    {
        const lease held{*this, *connection};
        const std::stop_callback cancelling{stop, [&] { connection->cancel(); }};
        answer = connection->ask(request_for(method, path, std::move(body)));
    }
    std::unique_lock lock{mutex_};
    if (!answer && closed_)
        return ended();
    lock.unlock();
    // One that was cancelled would fail the next request, too.
    if (answer && !stop.stop_requested())
        give_back(std::move(*connection), until);
    return answer;
}

outcome<descriptor> node_link::upgrade(std::string_view path, std::string_view protocol) {
    auto connection = take(patience::quick);
    if (!connection)
        return failure(connection.error());
    const lease held{*this, *connection};
    // A body is what the route is known for; this one says nothing.
    return connection->upgrade(request_for("POST", path, "{}"), protocol);
}

void node_link::close() {
    std::scoped_lock lock{mutex_};
    closed_ = true;
    for (auto& kept : idle_)
        kept.clear();
    for (auto* connection : busy_)
        connection->cancel();
}

} // namespace gestvenv
