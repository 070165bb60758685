// SPDX-License-Identifier: MIT
// From answers to bytes.
#include "net/http/connection.hpp"

#include "net/http/parser.hpp"
#include "net/http/text.hpp"
#include "net/http/web_socket_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::http {

namespace {

constexpr std::size_t piece_size = 64 << 10;
constexpr const char* line_break = "a header field of an answer has no valid name, or a control character";

bool has_body(int status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

/// Fields that only this server can know.
bool is_ours(std::string_view name) noexcept {
    return same_word(name, "Content-Length") || same_word(name, "Transfer-Encoding") ||
           same_word(name, "Connection") || same_word(name, "Date");
}

/// Status line and fields without the empty line. Nothing: a field would end the header or begin another.
std::optional<std::string> head_of(const response& answer, const std::string& date) {
    auto head =
        fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, reason_phrase(answer.status), date);
    for (const auto& [name, value] : answer.headers.all()) {
        if (!is_token(name) || !is_field_value(value))
            return std::nullopt;
        if (!is_ours(name))
            head.append(name).append(": ").append(value).append("\r\n");
    }
    return head;
}

} // namespace

void connection::leave_flight() noexcept {
    if (std::exchange(in_flight_, false))
        --core_.in_flight;
}

void connection::leave_stream() noexcept {
    if (std::exchange(in_stream_, false))
        --core_.streams;
}

void connection::respond(response whole, bool keep) {
    leave_flight();
    read_deadline_.reset();
    hear_gone_ = nullptr;
    keep_ = keep && !core_.draining;
    auto head = head_of(whole, core_.date());
    struct stat facts {};
    bool readable = !whole.file || (::fstat(whole.file->get(), &facts) == 0 && S_ISREG(facts.st_mode));
    if (!head || !readable) {
        whole = core_.handles.refusal(500, head ? "the file of an answer is no regular file" : line_break);
        head = head_of(whole, core_.date());
        if (!head)
            return close();
    }
    auto size = whole.file ? whole.file_size : whole.body.size();
    if (has_body(whole.status))
        head->append(fmt::format("Content-Length: {}\r\n", size));
    if (!keep_)
        head->append("Connection: close\r\n");
    else if (!chunks_allowed_)
        head->append("Connection: keep-alive\r\n");
    head->append("\r\n");
    output_.push_back(std::move(*head));
    if (!is_head_ && has_body(whole.status) && size > 0) {
        if (whole.file) {
            file_ = std::move(whole.file);
            file_left_ = size;
        } else {
            output_.push_back(std::move(whole.body));
        }
    }
    to(phase::answering);
}

/// Puts more into an empty `output_`. False: there is nothing to write.
bool connection::refill() {
    switch (phase_) {
    case phase::answering:
        if (file_left_ > 0)
            return refill_file();
        finish_answer();
        return false;
    case phase::streaming:
        refill_stream();
        return !output_.empty();
    case phase::upgrading:
        hand_over();
        return false;
    case phase::raw:
        if (auto hear = std::exchange(raw_written_, nullptr))
            hear({progress::kind::done});
        return !output_.empty();
    default:
        return false;
    }
}

bool connection::refill_file() {
    std::string piece(std::min<std::uint64_t>(file_left_, piece_size), '\0');
    auto bytes = ::read(file_->get(), piece.data(), piece.size());
    if (bytes <= 0) {
        // The length is promised: the client must see that something is missing.
        if (bytes < 0 && errno == EINTR)
            return true;
        lost();
        return false;
    }
    piece.resize(static_cast<std::size_t>(bytes));
    file_left_ -= piece.size();
    if (file_left_ == 0)
        file_.reset();
    output_.push_back(std::move(piece));
    return true;
}

void connection::refill_stream() {
    auto queue = queue_;
    queue->sent(std::exchange(batch_bytes_, 0));
    if (phase_ != phase::streaming)
        return;
    auto batch = queue->take(piece_size);
    if (batch.broken)
        return lost();
    batch_bytes_ = batch.bytes;
    bool sends = !is_head_;
    if (sends && chunked_ && batch.bytes > 0)
        output_.push_back(fmt::format("{:x}\r\n", batch.bytes));
    for (auto& piece : batch.pieces)
        if (sends && !piece.bytes.empty())
            output_.push_back(std::move(piece.bytes));
    if (sends && chunked_ && batch.bytes > 0)
        output_.emplace_back("\r\n");
    if (batch.ended) {
        if (sends && chunked_)
            output_.emplace_back("0\r\n\r\n");
        queue_.reset();
        queue->attach(nullptr);
        leave_stream();
        to(phase::answering);
    } else if (batch.bytes > 0) {
        again_ = true;
    }
}

void connection::finish_answer() {
    if (keep_ && !core_.draining)
        expect_request();
    else
        linger();
}

void connection::answer(std::uint64_t turn, response whole) {
    if (!is_current(turn))
        return;
    respond(std::move(whole), keep_alive_);
    pump();
}

void connection::dropped(std::uint64_t turn) {
    if (!is_current(turn))
        return;
    refuse(500, "the request was dropped without an answer");
    pump();
}

void connection::begin(std::uint64_t turn, response head, std::shared_ptr<outgoing_queue> queue) {
    if (!is_current(turn))
        return queue->gone();
    // Without chunks only the end of the connection ends a body.
    keep_ = keep_alive_ && chunks_allowed_ && !core_.draining;
    chunked_ = chunks_allowed_ && has_body(head.status);
    auto text = head_of(head, core_.date());
    if (gone_) {
        queue->gone();
        return close();
    }
    if (!text) {
        queue->gone();
        refuse(500, line_break);
        return pump();
    }
    leave_flight();
    hear_gone_ = nullptr;
    if (chunked_)
        text->append("Transfer-Encoding: chunked\r\n");
    if (!keep_)
        text->append("Connection: close\r\n");
    text->append("\r\n");
    output_.push_back(std::move(*text));
    // Nothing is sent of a body that the client must not get; its writer need not know.
    is_head_ = is_head_ || !has_body(head.status);
    queue_ = std::move(queue);
    queue_->attach([weak = weak_from_this()] {
        if (auto self = weak.lock())
            self->pump();
    });
    in_stream_ = head.is_counted;
    if (in_stream_)
        ++core_.streams;
    to(phase::streaming);
    pump();
}

void connection::hear_gone(std::uint64_t turn, std::function<void()> hear) {
    if (!is_current(turn) || !gone_)
        hear_gone_ = is_current(turn) ? std::move(hear) : nullptr;
    else
        hear();
}

void connection::upgrade(std::uint64_t turn, const request& asked, const std::string& protocol,
                         const std::function<void(descriptor)>& taken) {
    if (!is_current(turn))
        return taken({});
    const auto* wish = asked.headers.find("Upgrade");
    const auto* how = asked.headers.find("Connection");
    bool asks = wish && how && lists(*wish, protocol) && lists(*how, "upgrade") && chunks_allowed_;
    const char* broken = !from_.local      ? "only a Unix socket can be handed over"
                         : !asks           ? "the request does not ask for this protocol"
                         : !input_.empty() ? "bytes were sent before the upgrade"
                                           : nullptr;
    if (broken) {
        keep_alive_ = false;
        refuse(400, broken);
        pump();
        return taken({});
    }
    leave_flight();
    hear_gone_ = nullptr;
    output_.push_back("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + protocol +
                      "\r\n\r\n");
    taken_ = taken;
    to(phase::upgrading);
    pump();
}

void connection::hand_over() {
    auto keep = shared_from_this();
    auto taken = std::exchange(taken_, nullptr);
    to(phase::closed);
    timer_.cancel();
    auto socket = socket_.release();
    core_.ended(keep);
    taken(std::move(socket));
}

void connection::open_web_socket(std::uint64_t turn, const request& asked,
                                 std::function<void(std::shared_ptr<web_socket>)> opened) {
    if (!is_current(turn))
        return opened(nullptr);
    const auto* version = asked.headers.find("Sec-WebSocket-Version");
    bool asks = is_web_socket_request(asked) && chunks_allowed_;
    if (!asks || !version || *version != "13" || !input_.empty() || gone_) {
        auto refusal = asks ? core_.handles.refusal(426, "only version 13 of the WebSocket protocol is known")
                            : core_.handles.refusal(400, "the request does not ask for a WebSocket");
        if (asks) {
            refusal.headers.add("Sec-WebSocket-Version", "13");
            refusal.headers.add("Upgrade", "websocket");
        }
        respond(std::move(refusal), false);
        pump();
        return opened(nullptr);
    }
    leave_flight();
    hear_gone_ = nullptr;
    in_stream_ = true;
    ++core_.streams;
    to(phase::raw);
    queue_ = start_web_socket(shared_from_this(), asked, std::move(opened));
    pump();
}

} // namespace gestvenv::http
