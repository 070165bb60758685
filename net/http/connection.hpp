// SPDX-License-Identifier: MIT
// One connection of a server: its requests, one after the other. All of it runs on the server's thread.
#pragma once

#include "net/http/byte_stream.hpp"
#include "net/http/exchange.hpp"
#include "net/http/loop.hpp"
#include "net/http/outgoing_queue.hpp"
#include "net/http/parser.hpp"
#include "net/http/server_core.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::http {

class tls_context;

class connection : public std::enable_shared_from_this<connection> {
public:
    connection(server_core& core, descriptor socket, peer from, const tls_context* security);

    void start();
    /// There are too many: says so, and ends.
    void start_refused();
    /// The server takes no more: ends it unless a request is under way.
    void drain();
    void close();
    bool closed() const noexcept { return phase_ == phase::closed; }

    // What an exchange says. `turn` is the request's number: what comes late is dropped.
    void answer(std::uint64_t turn, response whole);
    void begin(std::uint64_t turn, response head, std::shared_ptr<outgoing_queue> queue);
    void hear_gone(std::uint64_t turn, std::function<void()> hear);
    void upgrade(std::uint64_t turn, const request& asked, const std::string& protocol,
                 const std::function<void(descriptor)>& taken);
    void open_web_socket(std::uint64_t turn, const request& asked,
                         std::function<void(std::shared_ptr<web_socket>)> opened);
    void dropped(std::uint64_t turn);

    // After an upgrade to a WebSocket, which then has the bytes. One read and one write at a time; the callback runs
    // after the call has returned.
    void raw_read(char* into, std::size_t room, std::function<void(const progress&)> hear);
    void raw_write(std::string bytes, std::function<void(const progress&)> hear);
    server_core& core() noexcept { return core_; }

private:
    enum class phase {
        handshake,
        head,
        body,
        handling,
        answering,
        streaming,
        upgrading,
        raw,
        /// Answered, and waiting for the client to end: what closes at once loses the answer (RFC 9112, section 9.6).
        lingering,
        closed,
    };

    // connection.cpp: bytes and time.
    void pump();
    void one_round();
    void shake_hands();
    void read_some();
    void write_some();
    void read_raw();
    void pump_soon();
    void fail_raw();
    void arm();
    void arm_timer();
    void timed_out();
    void hung_up();
    bool wants_input() const noexcept;
    void arrived(std::string_view bytes);
    void input_ended();
    void lost();
    void linger();
    void tell_gone();
    void to(phase next) noexcept;

    // connection_request.cpp: from bytes to a request.
    void expect_request();
    bool take_head();
    bool take_body();
    std::optional<fault> accept_head(std::string_view bytes);
    bool accept_body_rule();
    std::size_t body_bytes(std::string_view bytes);
    bool body_piece(std::string_view piece);
    void body_deadline();
    void dispatch();
    void refuse(int status, std::string_view what);

    // connection_answer.cpp: from answers to bytes.
    void respond(response whole, bool keep);
    bool refill();
    void refill_stream();
    bool refill_file();
    void finish_answer();
    void hand_over();
    void leave_flight() noexcept;
    void leave_stream() noexcept;
    bool is_current(std::uint64_t turn) const noexcept { return phase_ == phase::handling && turn == turn_; }

    server_core& core_;
    watched_descriptor socket_;
    std::unique_ptr<byte_stream> stream_;
    peer from_;
    phase phase_ = phase::head;

    bool pumping_ = false;
    bool again_ = false;
    bool readable_ = false;
    bool read_armed_ = false;
    bool write_armed_ = false;
    bool write_blocked_ = false;
    bool read_needs_write_ = false;
    bool hang_up_armed_ = false;
    bool hung_up_ = false;
    bool input_ended_ = false;
    bool gone_ = false;

    loop_timer timer_;
    std::optional<loop_clock::time_point> timer_at_;
    std::optional<loop_clock::time_point> read_deadline_;
    std::optional<loop_clock::time_point> write_deadline_;

    std::string input_;
    head_scanner scanner_;
    bool head_begun_ = false;

    // The request under way.
    std::uint64_t turn_ = 0;
    std::optional<message_parser> parser_;
    request request_;
    bool keep_alive_ = false;
    bool is_head_ = false;
    bool chunks_allowed_ = false;
    bool in_flight_ = false;
    body_rule body_rule_;
    std::uint64_t body_size_ = 0;
    std::optional<loop_clock::time_point> body_end_;
    std::optional<fault> body_fault_;

    // Its answer.
    std::deque<std::string> output_;
    std::size_t output_offset_ = 0;
    std::shared_ptr<descriptor> file_;
    std::uint64_t file_left_ = 0;
    bool keep_ = false;
    bool chunked_ = false;
    bool in_stream_ = false;
    std::size_t batch_bytes_ = 0;
    std::shared_ptr<outgoing_queue> queue_;
    std::function<void()> hear_gone_;
    std::function<void(descriptor)> taken_;
    std::size_t lingered_ = 0;

    struct raw_reading {
        char* into = nullptr;
        std::size_t room = 0;
        std::function<void(const progress&)> hear;
    };
    raw_reading raw_reading_;
    std::function<void(const progress&)> raw_written_;
};

} // namespace gestvenv::http
