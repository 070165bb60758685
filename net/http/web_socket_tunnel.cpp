// SPDX-License-Identifier: MIT
#include "net/http/web_socket_tunnel.hpp"

#include "net/http/client_connection.hpp"
#include "net/http/loop_asio.hpp"
#include "net/tls/tls_context.hpp"
#include "runtime/signal_mask.hpp"
#include "system/posix/system_failure.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gestvenv::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t piece_size = std::size_t{32} << 10;
constexpr std::size_t largest_message = std::size_t{1} << 20;
/// A server that says nothing for so long is asked, and then taken for lost.
constexpr std::chrono::seconds longest_silence{60};
/// For what is left when this side goes.
constexpr std::chrono::seconds time_to_part{2};

/// A connection as Asio's streams are.
class connection_stream {
public:
    using executor_type = asio::io_context::executor_type;

    connection_stream(asio::io_context& context, client_connection::parts parts)
        : context_(context), security_(std::move(parts.security)), bytes_(std::move(parts.stream)),
          socket_(context, parts.socket.release()) {}

    executor_type get_executor() noexcept { return context_.get_executor(); }

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& into, Handler&& handler) {
        return asio::async_initiate<Handler, void(beast::error_code, std::size_t)>(
            [this](auto&& hear, asio::mutable_buffer room) {
                go_on([this, room] { return bytes_->read(static_cast<char*>(room.data()), room.size()); },
                      std::forward<decltype(hear)>(hear), true);
            },
            handler, first_of(into));
    }

    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& from, Handler&& handler) {
        return asio::async_initiate<Handler, void(beast::error_code, std::size_t)>(
            [this](auto&& hear, std::string bytes) {
                // TLS wants the same bytes again where it could not write them.
                auto kept = std::make_shared<std::string>(std::move(bytes));
                go_on(
                    [this, kept] {
                        const iovec piece{kept->data(), kept->size()};
                        return bytes_->write(&piece, 1);
                    },
                    std::forward<decltype(hear)>(hear), true);
            },
            handler, beast::buffers_to_string(from));
    }

    void close() {
        beast::error_code ignored;
        socket_.close(ignored); // NOLINT(bugprone-unused-return-value): the number is free in any case
    }

    const std::string& why_failed() const noexcept { return why_failed_; }

private:
    template <class Buffers>
    static asio::mutable_buffer first_of(const Buffers& buffers) {
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at)
            if (asio::mutable_buffer one{*at}; one.size() > 0)
                return one;
        return {};
    }

    /// `first`: the handler may not be called before this returns (it is of Asio's rules).
    template <class Step, class Handler>
    void go_on(Step step, Handler&& hear, bool first) {
        if (!socket_.is_open())
            return tell(std::forward<Handler>(hear), asio::error::operation_aborted, 0, first);
        const auto result = step();
        switch (result.how) {
        case progress::kind::done:
            return tell(std::forward<Handler>(hear), {}, result.bytes, first);
        case progress::kind::ended:
            return tell(std::forward<Handler>(hear), asio::error::eof, 0, first);
        case progress::kind::failed:
            why_failed_ = result.reason;
            return tell(std::forward<Handler>(hear), asio::error::connection_reset, 0, first);
        case progress::kind::wants_read:
        case progress::kind::wants_write:
            break;
        }
        const auto event = result.how == progress::kind::wants_read
                               ? asio::posix::descriptor_base::wait_read
                               : asio::posix::descriptor_base::wait_write;
        socket_.async_wait(event, [this, step = std::move(step), hear = std::forward<Handler>(hear)](
                                      const beast::error_code& error) mutable {
            if (error)
                return hear(error, 0);
            go_on(std::move(step), std::move(hear), false);
        });
    }

    template <class Handler>
    void tell(Handler&& hear, beast::error_code error, std::size_t bytes, bool later) {
        if (!later)
            return hear(error, bytes);
        asio::post(context_,
                   [hear = std::forward<Handler>(hear), error, bytes]() mutable { hear(error, bytes); });
    }

    asio::io_context& context_;
    std::shared_ptr<tls_context> security_;
    std::unique_ptr<byte_stream> bytes_;
    asio::posix::stream_descriptor socket_;
    std::string why_failed_;
};

void beast_close_socket(connection_stream& stream) {
    stream.close();
}

template <class Handler>
void async_teardown(beast::role_type, connection_stream& stream, Handler&& handler) {
    auto where = stream.get_executor();
    stream.close();
    asio::post(where, [hear = std::forward<Handler>(handler)]() mutable { hear(beast::error_code{}); });
}

response answer_of(const beast::websocket::response_type& told) {
    response answer;
    answer.status = static_cast<int>(told.result_int());
    for (const auto& field : told)
        answer.headers.add(std::string{field.name_string()}, std::string{field.value()});
    answer.body = told.body();
    return answer;
}

} // namespace

/// On the thread that runs its context; before that, on the one that opens it.
class web_socket_tunnel::implementation : public std::enable_shared_from_this<implementation> {
public:
    implementation(client_connection::parts parts, descriptor end)
        : socket_(connection_stream{context_, std::move(parts)}), local_(context_, end.release()) {
        socket_.read_message_max(largest_message);
        socket_.binary(true);
    }

    outcome<std::optional<response>> shake_hands(const server_address& where, const request& what,
                                                 std::chrono::milliseconds limit) {
        beast::websocket::stream_base::timeout bounds{limit, longest_silence, true};
        socket_.set_option(bounds);
        socket_.set_option(
            beast::websocket::stream_base::decorator([&what](beast::websocket::request_type& asked) {
                for (const auto& [name, value] : what.headers.all())
                    asked.set(name, value);
            }));
        beast::websocket::response_type told;
        std::optional<beast::error_code> done;
        socket_.async_handshake(told, where.socket.empty() ? name_of(where) : "localhost", what.target,
                                [&done](const beast::error_code& error) { done = error; });
        while (!done && context_.run_one() > 0) {
        }
        if (!done)
            return unreachable(where, "its answer has not come");
        if (!*done)
            return std::nullopt;
        if (*done == beast::websocket::error::upgrade_declined)
            return answer_of(told);
        return unreachable(where,
                           *done == beast::error::timeout ? "it has not answered in time" : reason_of(*done));
    }

    void start() {
        const all_signals_blocked blocked;
        thread_ = std::thread{[self = shared_from_this()] { self->run(); }};
    }

    /// By the end of the tunnel.
    void part() {
        asio::post(context_, [this] {
            parting_.expires_after(time_to_part);
            parting_.async_wait([this](const beast::error_code& error) {
                if (!error)
                    context_.stop();
            });
            is_parting_ = true;
            if (is_over_)
                context_.stop();
        });
        work_.reset();
        thread_.join();
    }

    std::string why_lost() const {
        std::scoped_lock lock{mutex_};
        return why_lost_;
    }

private:
    void run() {
        read_remote();
        read_local();
        context_.run();
    }

    std::string reason_of(const beast::error_code& error) {
        const auto& why = socket_.next_layer().why_failed();
        if (error == asio::error::eof)
            return "it has ended the connection";
        return error == asio::error::connection_reset && !why.empty() ? why : error.message();
    }

    void read_remote() {
        socket_.async_read(arrived_, [this](const beast::error_code& error, std::size_t) {
            if (error)
                return remote_ended(error);
            asio::async_write(local_, arrived_.data(), [this](const beast::error_code& failed, std::size_t) {
                arrived_.clear();
                if (failed)
                    return; // this process has closed its end; read_local() hears of it
                read_remote();
            });
        });
    }

    void remote_ended(const beast::error_code& error) {
        if (error != beast::websocket::error::closed && !is_closing_) {
            std::scoped_lock lock{mutex_};
            why_lost_ = error == beast::error::timeout ? "it does not answer any more" : reason_of(error);
        }
        over();
    }

    void read_local() {
        local_.async_read_some(asio::buffer(piece_),
                               [this](const beast::error_code& error, std::size_t size) {
                                   if (error)
                                       return close();
                                   socket_.async_write(asio::buffer(piece_.data(), size),
                                                       [this](const beast::error_code& failed, std::size_t) {
                                                           if (!failed)
                                                               read_local();
                                                       });
                               });
    }

    void close() {
        if (std::exchange(is_closing_, true) || is_over_)
            return;
        socket_.async_close(beast::websocket::close_code::normal,
                            [this](const beast::error_code&) { over(); });
    }

    /// Nothing more comes or goes: who reads the other end of the pair is told.
    void over() {
        if (std::exchange(is_over_, true))
            return;
        beast::error_code ignored;
        local_.close(ignored); // NOLINT(bugprone-unused-return-value): the number is free in any case
        socket_.next_layer().close();
        if (is_parting_)
            context_.stop();
    }

    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    beast::websocket::stream<connection_stream, false> socket_;
    asio::posix::stream_descriptor local_;
    asio::steady_timer parting_{context_};
    beast::flat_buffer arrived_;
    std::array<char, piece_size> piece_{};
    std::thread thread_;
    bool is_closing_ = false;
    bool is_over_ = false;
    bool is_parting_ = false;
    mutable std::mutex mutex_;
    std::string why_lost_;
};

web_socket_tunnel::web_socket_tunnel(std::shared_ptr<implementation> inside, descriptor end)
    : inside_(std::move(inside)), end_(std::move(end)) {}

outcome<web_socket_tunnel::opened> web_socket_tunnel::open(const server_address& where, const request& what,
                                                           std::chrono::milliseconds limit) {
    client_connection connection{where, -1};
    if (auto connected = connection.open(wait_clock::now() + limit); !connected)
        return failure(std::move(connected).error());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_failure(errno, "cannot make a pair of sockets");
    descriptor mine{ends[0]};
    auto inside = std::make_shared<implementation>(connection.take(), descriptor{ends[1]});
    auto refused = inside->shake_hands(where, what, limit);
    if (!refused)
        return failure(std::move(refused).error());
    if (*refused)
        return opened{std::move(**refused)};
    inside->start();
    return opened{
        std::unique_ptr<web_socket_tunnel>{new web_socket_tunnel{std::move(inside), std::move(mine)}}};
}

web_socket_tunnel::~web_socket_tunnel() {
    end_.reset();
    inside_->part();
}

std::string web_socket_tunnel::why_lost() const {
    return inside_->why_lost();
}

} // namespace gestvenv::http
