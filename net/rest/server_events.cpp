// SPDX-License-Identifier: MIT
#include "net/rest/server_events.hpp"

#include "messages/json.hpp"
#include "messages/text_encoding.hpp"
#include "net/node/node_services.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <utility>

namespace gestvenv::rest {

namespace {

/// Pieces sent at a time, before other connections have their turn.
constexpr int pieces_at_a_time = 64;

/// Bytes of output in an event: what escapes make of them, six letters each at most, is less than what may wait for a
/// client (limits.hpp), which is cut off by more.
constexpr std::size_t most_in_event = 32 << 10;

/// Bytes at the end of a text that begin a character whose rest has not been read; at most 3.
std::size_t unfinished_bytes(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue; // goes on with a character
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

/// Everything but `changed` happens on the server's thread.
class output_follower : public std::enable_shared_from_this<output_follower> {
public:
    output_follower(node_services& node, std::shared_ptr<http::body_stream> body, output_source source)
        : node_(node), body_(std::move(body)), from_(std::move(source)), offset_(from_.offset) {}

    void start() {
        if (from_.owns)
            from_.output->owner_has_read(offset_);
        follower_ = from_.output->follow([weak = weak_from_this(), &node = node_] {
            auto self = weak.lock();
            if (self && !self->woken_.exchange(true))
                node.server->post([self] { self->send(); });
        });
        body_->on_gone([self = shared_from_this()] {
            if (!self->stopped_ && self->from_.gone)
                self->from_.gone();
            self->stop();
        });
        send();
    }

private:
    void stop() {
        if (std::exchange(stopped_, true))
            return;
        from_.output->unfollow(follower_);
        if (from_.owns)
            from_.output->no_owner();
    }

    void send() {
        woken_ = false;
        for (int count = 0; !stopped_ && !waits_; ++count) {
            const bool all_there = from_.output->ended();
            auto piece = from_.output->read(offset_);
            if (!piece) {
                if (all_there)
                    finish();
                return;
            }
            if (count == pieces_at_a_time)
                return node_.server->post([self = shared_from_this()] { self->send(); });
            if (!send(std::move(*piece), all_there))
                return;
        }
    }

    bool send(output_piece piece, bool all_there) {
        if (piece.offset > offset_)
            body_->write(server_event("gap", std::to_string(piece.offset),
                                      nlohmann::json{{"bytes", piece.offset - offset_}}.dump()));
        if (piece.text.size() > most_in_event) {
            piece.text.resize(most_in_event);
            all_there = false;
        }
        // The rest of a character comes with the next piece of its stream, if that is the next piece.
        if (auto rest = unfinished_bytes(piece.text); rest > 0 && rest < piece.text.size() && !all_there)
            piece.text.resize(piece.text.size() - rest);
        offset_ = piece.offset + piece.text.size();
        nlohmann::json data{
            {"stream", piece.stream == output_stream::standard_output ? "stdout" : "stderr"},
        };
        auto text = to_json_value(piece.text);
        if (text.is_string())
            data["text"] = std::move(text);
        else
            data["base64"] = text["base64"];
        const bool has_room = body_->write(server_event("output", std::to_string(offset_), data.dump()));
        if (from_.owns)
            from_.output->owner_has_read(offset_);
        if (has_room)
            return true;
        waits_ = true;
        body_->on_room([self = shared_from_this()] {
            self->waits_ = false;
            self->send();
        });
        return false;
    }

    void finish() {
        stop();
        from_.finished([body = body_](operation_info info) {
            // It has come already; a second time it could be more than may wait for a client.
            if (info.result) {
                info.result->stdout_text.clear();
                info.result->stderr_text.clear();
            }
            body->write(server_event(
                "end", {},
                to_json_value(info).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
            body->end();
        });
    }

    node_services& node_;
    std::shared_ptr<http::body_stream> body_;
    output_source from_;
    std::uint64_t offset_;
    std::uint64_t follower_ = 0;
    std::atomic<bool> woken_{false};
    bool waits_ = false;
    bool stopped_ = false;
};

} // namespace

http::response event_stream_head() {
    http::response head;
    head.headers.add("Content-Type", "text/event-stream");
    head.headers.add("Cache-Control", "no-store");
    return head;
}

std::string server_event(std::string_view name, std::string_view id, std::string_view data) {
    std::string text = fmt::format("event: {}\n", name);
    if (!id.empty())
        text += fmt::format("id: {}\n", id);
    return text + fmt::format("data: {}\n\n", data);
}

void send_output(node_services& node, std::shared_ptr<http::body_stream> body, output_source source) {
    std::make_shared<output_follower>(node, std::move(body), std::move(source))->start();
}

} // namespace gestvenv::rest
