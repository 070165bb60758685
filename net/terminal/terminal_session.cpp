// SPDX-License-Identifier: MIT
#include "net/terminal/terminal_session.hpp"

#include "messages/json.hpp"
#include "net/node/node_services.hpp"
#include "net/terminal/terminal_control.hpp"
#include "runtime/ask.hpp"
#include "system/process/command_link.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <nlohmann/json.hpp>

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::terminal {

namespace {

constexpr std::size_t piece_size = std::size_t{16} << 10;
/// Keys that wait for the program. Beyond it the client's next message is not read.
constexpr std::size_t most_input = std::size_t{64} << 10;
/// Pieces passed on at a time, before other terminals have their turn.
constexpr int pieces_at_a_time = 16;
// RFC 6455, section 7.4.1.
constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t internal_error = 1011;

std::string text_of(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

/// All of it happens on the terminals' thread. Others post to it.
class terminal_session : public std::enable_shared_from_this<terminal_session> {
public:
    terminal_session(node_services& node, reactor& events, terminal_request wish, pseudo_terminal terminal)
        : node_(node), events_(events), wish_(std::move(wish)), terminal_(std::move(terminal)),
          link_(std::make_shared<command_link>()) {}

    void start(std::shared_ptr<http::web_socket> client) {
        client_ = std::move(client);
        // Set before messages are read. What they hold is let go of with the connection.
        client_->on_message([self = shared_from_this()](std::string message, bool binary) {
            self->post([self, binary, kept = std::move(message)] { self->heard(kept, binary); });
        });
        client_->on_gone([self = shared_from_this()] { self->post([self] { self->client_gone(); }); });
        client_->start();
        link_->on_stop([weak = weak_from_this(), &events = events_](int number) {
            events.post([weak, number] {
                if (auto self = weak.lock())
                    self->tell({{"stopped", signal_name(number)}});
            });
        });
        post([self = shared_from_this()] { self->begin(); });
    }

private:
    void post(std::function<void()> task) { events_.post(std::move(task)); }

    void begin() {
        operation_request request;
        request.environment = wish_.environment;
        request.owner = wish_.owner;
        request.connection = connection_ = node_.new_connection();
        request.link = link_;
        wish_.command.terminal = command_terminal{.device = terminal_.device.get()};
        request.what = std::move(wish_.command);
        // Held by it, the device stays open until the command has ended.
        request.done = [self = shared_from_this()](const operation_info& info) {
            self->post([self, info] { self->command_ended(info); });
        };
        node_.runtime->begin_at<operation_info>(
            node_.operations(),
            [self = shared_from_this()](outcome<operation_info> begun) {
                auto kept = std::make_shared<outcome<operation_info>>(std::move(begun));
                self->post([self, kept] { self->begun(*kept); });
            },
            start_atom_v, std::move(request));
    }

    void begun(const outcome<operation_info>& info) {
        if (!info)
            return fail(info.error());
        begun_ = true;
        tell({{"operation", info->id}});
        if (ended_)
            drain();
        else
            watch();
    }

    /// Everything that is waited for now, or nothing.
    void watch() {
        std::uint32_t wanted = 0;
        if (!client_full_)
            wanted |= EPOLLIN;
        if (!input_.empty())
            wanted |= EPOLLOUT;
        // What is not watched cannot be news again and again: a hangup always is (epoll_ctl(2)).
        if (wanted == 0 || ended_ || client_gone_ || hung_up_)
            return unwatch();
        outcome<void> done;
        if (watched_) {
            done = events_.change(terminal_.master.get(), *watched_, wanted);
        } else {
            auto token = events_.watch(
                terminal_.master.get(), wanted,
                [self = shared_from_this()](std::uint32_t news) { self->terminal_ready(news); });
            if (token)
                watched_ = *token;
            else
                done = failure(std::move(token).error());
        }
        if (!done)
            fail(done.error());
    }

    void unwatch() {
        if (auto token = std::exchange(watched_, std::nullopt))
            events_.unwatch(terminal_.master.get(), *token);
    }

    void terminal_ready(std::uint32_t news) {
        if ((news & EPOLLOUT) != 0)
            write_input();
        // The device is open here, so that only vhangup(2) does this.
        hung_up_ = (news & (EPOLLHUP | EPOLLERR)) != 0 && (news & EPOLLIN) == 0;
        for (int count = 0; (news & EPOLLIN) != 0 && count < pieces_at_a_time && !client_full_; ++count)
            if (!pass_piece())
                break;
        watch();
    }

    /// False: there is nothing to read now.
    bool pass_piece() {
        std::array<char, piece_size> bytes{};
        auto got = ::read(terminal_.master.get(), bytes.data(), bytes.size());
        if (got <= 0) {
            hung_up_ = got == 0 || (errno != EAGAIN && errno != EINTR);
            return got < 0 && errno == EINTR;
        }
        send({bytes.data(), static_cast<std::size_t>(got)}, true);
        return true;
    }

    void send(std::string message, bool binary) {
        if (client_gone_ || client_->send(std::move(message), binary) || client_full_)
            return;
        client_full_ = true;
        client_->on_room([self = shared_from_this()] { self->post([self] { self->client_has_room(); }); });
    }

    void tell(const nlohmann::json& message) { send(text_of(message), false); }

    void client_has_room() {
        client_full_ = false;
        if (ended_ && begun_)
            drain();
        else
            watch();
    }

    void heard(const std::string& message, bool binary) {
        if (ended_ || client_gone_)
            return client_->more();
        if (binary)
            input_ += message;
        else
            control_by(message);
        client_waits_ = true;
        write_input();
        watch();
    }

    void control_by(const std::string& message) {
        auto wish = parse_control(message);
        if (!wish)
            return tell({{"refused", to_json_value(wish.error())}});
        if (const auto* size = std::get_if<window_size>(&*wish)) {
            if (auto resized = resize(terminal_.master, *size); !resized)
                tell({{"refused", to_json_value(resized.error())}});
            return;
        }
        protocol::signal order;
        order.number = std::get<terminal_signal>(*wish).number;
        order.target = signal_target::foreground_group;
        if (order.number == SIGCONT)
            order.foreground = true;
        link_->signal(order);
    }

    void write_input() {
        while (!input_.empty()) {
            auto written = ::write(terminal_.master.get(), input_.data(), input_.size());
            if (written > 0)
                input_.erase(0, static_cast<std::size_t>(written));
            else if (written < 0 && errno == EAGAIN)
                break;
            else if (written == 0 || errno != EINTR)
                input_.clear(); // nothing reads it any more
        }
        if (input_.size() < most_input && std::exchange(client_waits_, false))
            client_->more();
    }

    void client_gone() {
        if (std::exchange(client_gone_, true))
            return;
        unwatch();
        if (!ended_)
            caf::anon_send_exit(connection_, caf::exit_reason::user_shutdown);
        terminal_.master.reset(); // a hangup
        input_.clear();
        client_->on_message(nullptr);
    }

    void command_ended(const operation_info& info) {
        unwatch();
        ended_ = info;
        terminal_.device.reset();
        caf::anon_send_exit(connection_, caf::exit_reason::user_shutdown);
        if (begun_)
            drain();
    }

    /// What the program has written last is still on its way.
    void drain() {
        for (int count = 0; !client_full_ && !client_gone_; ++count) {
            if (count == pieces_at_a_time)
                return post([self = shared_from_this()] { self->drain(); });
            // Linux hands over what is on its way when it is asked whether there is something (n_tty).
            pollfd item{terminal_.master.get(), POLLIN, 0};
            if (::poll(&item, 1, 0) <= 0 || (item.revents & POLLIN) == 0 || !pass_piece())
                return finish();
        }
    }

    void finish() {
        if (client_gone_ || std::exchange(finished_, true))
            return;
        terminal_.master.reset();
        if (ended_->problem)
            return fail(*ended_->problem);
        tell({{"exit", to_json_value(*ended_->result)}});
        close(normal_closure, "the command has ended");
    }

    void fail(const error& problem) {
        tell({{"problem", to_json_value(problem)}});
        close(internal_error, to_string(problem.code));
        if (!ended_)
            caf::anon_send_exit(connection_, caf::exit_reason::user_shutdown);
    }

    void close(std::uint16_t code, std::string_view reason) {
        client_->on_message(nullptr); // it holds this
        client_->close(code, reason);
    }

    node_services& node_;
    reactor& events_;
    terminal_request wish_;
    pseudo_terminal terminal_;
    std::shared_ptr<command_link> link_;
    caf::actor connection_;
    std::shared_ptr<http::web_socket> client_;
    std::optional<reactor::token> watched_;
    std::string input_;
    std::optional<operation_info> ended_;
    bool begun_ = false;
    bool hung_up_ = false;
    bool client_full_ = false;
    bool client_waits_ = false;
    bool client_gone_ = false;
    bool finished_ = false;
};

outcome<std::shared_ptr<terminal_session>> open_session(node_services& node, terminal_request wish) {
    auto events = node.terminals.events();
    if (!events)
        return failure(std::move(events).error());
    auto terminal = open_pseudo_terminal(wish.size);
    if (!terminal)
        return failure(std::move(terminal).error());
    return std::make_shared<terminal_session>(node, **events, std::move(wish), std::move(*terminal));
}

void start_session(const std::shared_ptr<terminal_session>& session,
                   std::shared_ptr<http::web_socket> client) {
    session->start(std::move(client));
}

} // namespace gestvenv::terminal
