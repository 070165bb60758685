// SPDX-License-Identifier: MIT
#include "net/http/web_socket_session.hpp"

#include "net/http/connection.hpp"
#include "net/http/loop_asio.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <optional>
#include <utility>

namespace gestvenv::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

/// A connection as Asio's streams are.
class connection_stream {
public:
    using executor_type = asio::io_context::executor_type;
    explicit connection_stream(std::shared_ptr<connection> over) : over_(std::move(over)) {}

    executor_type get_executor() noexcept { return over_->core().events->inside().context.get_executor(); }

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& into, Handler&& handler) {
        return asio::async_initiate<Handler, void(beast::error_code, std::size_t)>(
            [this](auto&& hear, asio::mutable_buffer room) {
                over_->raw_read(static_cast<char*>(room.data()), room.size(),
                                on_progress(std::forward<decltype(hear)>(hear), std::nullopt));
            },
            handler, first_of(into));
    }

    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& from, Handler&& handler) {
        return asio::async_initiate<Handler, void(beast::error_code, std::size_t)>(
            [this](auto&& hear, std::string bytes) {
                auto size = bytes.size();
                over_->raw_write(std::move(bytes), on_progress(std::forward<decltype(hear)>(hear), size));
            },
            handler, beast::buffers_to_string(from));
    }

    connection& over() noexcept { return *over_; }

private:
    template <class Buffers>
    static asio::mutable_buffer first_of(const Buffers& buffers) {
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at)
            if (asio::mutable_buffer one{*at}; one.size() > 0)
                return one;
        return {};
    }

    /// Asio's handlers can only be moved.
    template <class Handler>
    static std::function<void(const progress&)> on_progress(Handler&& handler,
                                                            std::optional<std::size_t> written) {
        auto kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
        return [kept, written](const progress& result) {
            beast::error_code error;
            if (result.how == progress::kind::ended)
                error = asio::error::eof;
            else if (result.how != progress::kind::done)
                error = asio::error::connection_reset;
            auto hear = std::move(*kept);
            hear(error, error ? 0 : written.value_or(result.bytes));
        };
    }

    std::shared_ptr<connection> over_;
};

void beast_close_socket(connection_stream& stream) {
    stream.over().close();
}

template <class Handler>
void async_teardown(beast::role_type, connection_stream& stream, Handler&& handler) {
    auto where = stream.get_executor();
    stream.over().close();
    asio::post(where, [hear = std::forward<Handler>(handler)]() mutable { hear(beast::error_code{}); });
}

/// Of the server's thread, but for its queue.
class session : public std::enable_shared_from_this<session> {
public:
    explicit session(std::shared_ptr<connection> over)
        : core_(over->core()), events_(core_.events),
          queue_(std::make_shared<outgoing_queue>(core_.events, core_.bounds.stream_buffer)), over_(over),
          socket_(std::move(over)) {
        socket_.read_message_max(core_.bounds.message_bytes);
        socket_.auto_fragment(false);
        time_out_after(core_.bounds.idle);
    }

    void open(const request& asked, std::function<void(std::shared_ptr<web_socket>)> opened);
    void listen(std::function<void(std::string, bool)> hear) { hear_ = std::move(hear); }
    void start() {
        started_ = true;
        deliver();
    }
    void more();
    void close(std::uint16_t code, std::string reason) {
        reason_.code = code;
        // What a control frame has room for (RFC 6455, section 5.5).
        reason_.reason = beast::string_view{reason}.substr(0, 123);
        queue_->end();
    }
    const std::shared_ptr<loop>& events() const noexcept { return events_; }
    const std::shared_ptr<outgoing_queue>& queue() const noexcept { return queue_; }

private:
    using web_socket_timeout = beast::websocket::stream_base::timeout;

    void time_out_after(std::optional<std::chrono::milliseconds> idle) {
        web_socket_timeout bounds{core_.bounds.handshake, beast::websocket::stream_base::none(), true};
        if (idle)
            bounds.idle_timeout = *idle;
        socket_.set_option(bounds);
    }
    void read();
    void deliver();
    void has_read(const beast::error_code& error);
    void write();
    void end();

    server_core& core_;
    const std::shared_ptr<loop> events_;
    const std::shared_ptr<outgoing_queue> queue_;
    const std::weak_ptr<connection> over_;
    beast::websocket::stream<connection_stream, false> socket_;
    beast::flat_buffer arrived_;
    std::function<void(std::string, bool)> hear_;
    beast::websocket::close_reason reason_{beast::websocket::close_code::going_away};
    std::string under_way_;
    bool started_ = false;
    bool reading_ = false;
    bool wanted_ = true;
    bool arrived_whole_ = false;
    bool writing_ = false;
    bool closing_ = false;
};

class live_web_socket final : public web_socket {
public:
    explicit live_web_socket(std::shared_ptr<session> inside) : inside_(std::move(inside)) {}
    ~live_web_socket() override {
        inside_->queue()->abandon();
        // The session ends on the server's thread: its last reference must not be this one.
        auto events = inside_->events();
        events->post([inside = std::move(inside_)] { inside->listen(nullptr); });
    }

    bool send(std::string message, bool binary) override {
        return inside_->queue()->put(std::move(message), binary);
    }
    void on_room(std::function<void()> resume) override { inside_->queue()->on_room(std::move(resume)); }
    void on_message(std::function<void(std::string, bool)> hear) override {
        on_loop([hear = std::move(hear)](session& one) { one.listen(hear); });
    }
    void on_gone(std::function<void()> hear) override { inside_->queue()->on_gone(std::move(hear)); }
    void start() override {
        on_loop([](session& one) { one.start(); });
    }
    void more() override {
        on_loop([](session& one) { one.more(); });
    }
    void close(std::uint16_t code, std::string_view reason) override {
        on_loop([code, reason = std::string{reason}](session& one) { one.close(code, reason); });
    }

private:
    template <class Work>
    void on_loop(Work work) {
        inside_->events()->post([inside = inside_, work = std::move(work)] { work(*inside); });
    }

    std::shared_ptr<session> inside_;
};

void session::open(const request& asked, std::function<void(std::shared_ptr<web_socket>)> opened) {
    beast::http::request<beast::http::empty_body> wish{beast::http::verb::get, asked.target, 11};
    for (const auto& [name, value] : asked.headers.all())
        wish.insert(name, value);
    socket_.async_accept(
        wish, [self = shared_from_this(), opened = std::move(opened)](const beast::error_code& error) {
            if (error) {
                self->end();
                return opened(nullptr);
            }
            self->queue_->attach([weak = self->weak_from_this()] {
                if (auto live = weak.lock())
                    live->write();
            });
            opened(std::make_shared<live_web_socket>(self));
            // Pings and the client's end are read whether messages are asked for or not.
            self->read();
        });
}

void session::read() {
    if (reading_ || closing_)
        return;
    reading_ = true;
    socket_.async_read(arrived_, [self = shared_from_this()](const beast::error_code& error, std::size_t) {
        self->reading_ = false;
        self->has_read(error);
    });
}

void session::has_read(const beast::error_code& error) {
    if (error)
        return end();
    arrived_whole_ = true;
    // Where it has to wait, nothing more is read, not even an answer to a ping.
    if (!started_ || !wanted_ || !hear_)
        time_out_after(std::nullopt);
    deliver();
}

void session::deliver() {
    if (!arrived_whole_ || !started_ || !wanted_ || !hear_)
        return;
    arrived_whole_ = false;
    wanted_ = false;
    auto message = beast::buffers_to_string(arrived_.data());
    arrived_.clear();
    bool binary = socket_.got_binary();
    time_out_after(core_.bounds.idle);
    read();
    auto hear = hear_;
    hear(std::move(message), binary);
}

void session::more() {
    wanted_ = true;
    deliver();
}

void session::write() {
    if (writing_ || closing_)
        return;
    auto batch = queue_->take(1);
    if (batch.pieces.empty()) {
        if (!batch.ended && !batch.broken)
            return;
        closing_ = true;
        // A client that does not answer is ended by the handshake's deadline.
        socket_.async_close(reason_, [self = shared_from_this()](const beast::error_code&) { self->end(); });
        return;
    }
    writing_ = true;
    under_way_ = std::move(batch.pieces.front().bytes);
    socket_.binary(batch.pieces.front().binary);
    socket_.async_write(asio::buffer(under_way_),
                        [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                            self->writing_ = false;
                            if (error)
                                return self->end();
                            self->queue_->sent(self->under_way_.size());
                            self->write();
                        });
}

void session::end() {
    queue_->gone();
    hear_ = nullptr;
    if (auto live = over_.lock())
        live->close();
}

} // namespace

bool is_web_socket_request(const request& asked) {
    const auto* wish = asked.headers.find("Upgrade");
    const auto* how = asked.headers.find("Connection");
    return asked.method == "GET" && asked.headers.find("Sec-WebSocket-Key") && wish && how &&
           beast::http::token_list{*wish}.exists("websocket") &&
           beast::http::token_list{*how}.exists("upgrade");
}

std::shared_ptr<outgoing_queue> start_web_socket(std::shared_ptr<connection> over, const request& asked,
                                                 std::function<void(std::shared_ptr<web_socket>)> opened) {
    auto made = std::make_shared<session>(std::move(over));
    made->open(asked, std::move(opened));
    return made->queue();
}

} // namespace gestvenv::http
