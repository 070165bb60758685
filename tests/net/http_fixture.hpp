// SPDX-License-Identifier: MIT
// A server whose handler is a function of the test, and raw connections to it.
#pragma once

#include "net/http/client.hpp"
#include "net/http/server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gestvenv::test {

/// Long enough for any machine: only a test that fails waits for it.
constexpr std::chrono::seconds patience{20};

/// Something that a test waits for.
class event {
public:
    void set() {
        std::lock_guard hold{guard_};
        ++count_;
        changed_.notify_all();
    }
    /// Whether it was set so many times.
    bool wait(int times = 1) {
        std::unique_lock hold{guard_};
        return changed_.wait_for(hold, patience, [&] { return count_ >= times; });
    }
    bool is_set() {
        std::lock_guard hold{guard_};
        return count_ > 0;
    }

private:
    std::mutex guard_;
    std::condition_variable changed_;
    int count_ = 0;
};

class function_handler final : public http::handler {
public:
    // NOLINTBEGIN(readability-identifier-naming): beside the functions of these names
    std::function<bool(const http::peer&)> admits_ = [](const http::peer&) { return true; };
    std::function<std::variant<http::body_rule, http::response>(const http::request&)> begins_ =
        [](const http::request&) {
            return http::body_rule{1 << 20, false};
        };
    std::function<void(std::shared_ptr<http::exchange>)> handle_ = [](std::shared_ptr<http::exchange> what) {
        http::response answer;
        answer.body = what->asked().method + " " + what->asked().target + " " + what->asked().body;
        what->answer(std::move(answer));
    };
    // NOLINTEND(readability-identifier-naming)

    bool admits(const http::peer& from) override { return admits_(from); }
    std::variant<http::body_rule, http::response> begins(const http::request& head) override {
        return begins_(head);
    }
    void handle(std::shared_ptr<http::exchange> what) override { handle_(std::move(what)); }
    http::response refusal(int status, std::string_view what) override {
        http::response answer;
        answer.status = status;
        answer.body = "refused: " + std::string{what};
        return answer;
    }
};

/// A server on a Unix socket and on TCP.
class running_server {
public:
    explicit running_server(http::limits bounds = {}, const http::tls_identity* identity = nullptr);

    function_handler handles;
    /// Begins to serve, after a test has set its handler.
    void start() { server_->start(); }
    http::server& get() noexcept { return *server_; }
    void end() { server_.reset(); }
    http::server_address unix_address() const;
    http::server_address tcp_address() const;
    std::uint16_t port() const noexcept { return port_; }

private:
    temporary_folder folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<http::server> server_;
};

/// Keeps the last request that arrived, and hears when its client is gone.
class keeping_server : public running_server {
public:
    explicit keeping_server(http::limits bounds = {});
    ~keeping_server() { end(); }

    std::shared_ptr<http::exchange> kept;
    event arrived, gone;
};

/// Begins a streamed answer to each request, and keeps the last one.
class streaming_server : public running_server {
public:
    /// `begun_with` is called in the server's thread with the stream.
    explicit streaming_server(http::limits bounds = {},
                              std::function<void(http::body_stream&)> begun_with = {});
    ~streaming_server() { end(); }

    std::shared_ptr<http::body_stream> stream;
    event begun, gone;
};

/// A request whose answer the usual handler ends with `GET / `.
inline constexpr std::string_view plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// A client of bytes. Waits at most `patience`.
class raw_client {
public:
    explicit raw_client(const http::server_address& where);

    void send(std::string_view bytes);
    /// False: the server has closed.
    bool try_send(std::string_view bytes);
    void end_writing();
    void close() { socket_.reset(); }
    /// Until the server ends the connection.
    std::string read_all();
    /// Until `end` has arrived, with it.
    std::string read_until(std::string_view end);
    /// Exactly so many bytes.
    std::string read_bytes(std::size_t size);
    /// Whether bytes, or the end, can be read now.
    bool readable() const;
    int number() const noexcept { return socket_.get(); }

private:
    bool read_more();
    descriptor socket_;
    std::string rest_;
};

http::request get(std::string target);
http::request post(std::string target, std::string body);

} // namespace gestvenv::test
