// SPDX-License-Identifier: MIT
#include "net/terminal/session_connection.hpp"

#include "messages/validation.hpp"
#include "net/execution/connection.hpp"
#include "net/node/node_services.hpp"
#include "net/terminal/lasting_session.hpp"
#include "net/terminal/messages.hpp"
#include "net/terminal/terminal_control.hpp"
#include "system/version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace gestvenv::terminal {

namespace {

using execution::kind;

/// Output that waits for a client, beyond which the program has to wait.
constexpr std::size_t most_waiting = std::size_t{256} << 10;
/// From the upgrade to the whole of what is wanted.
constexpr std::chrono::seconds time_to_open{10};
/// For which a client that takes nothing may hold up the others.
constexpr std::chrono::seconds patience_with_others{10};
/// Until a client has taken some more of what came of its session.
constexpr std::chrono::seconds time_to_take{30};

tl::unexpected<error> malformed(std::string_view what) {
    return failure(error_code::invalid_argument, fmt::format("a client of a terminal sent {}", what));
}

bool is_size(std::uint16_t columns, std::uint16_t rows) {
    return columns >= 1 && rows >= 1 && columns <= most_columns && rows <= most_columns;
}

std::string shown_command(const command_spec& command) {
    constexpr std::size_t most = 200;
    auto text = command.text.empty() ? fmt::format("{}", fmt::join(command.arguments, " ")) : command.text;
    return text.size() <= most ? text : text.substr(0, most) + "...";
}

class session_connection final : public execution::connection, public session_client {
public:
    session_connection(node_services& node, std::shared_ptr<execution::event_loop> loop, descriptor socket,
                       session_place where)
        : connection(std::move(loop),
                     execution::frame_socket{std::move(socket), execution::largest_request, 0}),
          node_(node), where_(std::move(where)) {}

    void begin() {
        open();
        set_deadline(time_to_open);
    }

    void attached(const std::string& session) override { send(kind::attached, terminal::attached{session}); }
    void show(std::string_view output) override {
        send(kind::output, execution::output{false, std::string{output}});
    }
    bool is_full() const noexcept override { return is_open() && waiting() >= most_waiting; }
    void hold_up_others() override {
        if (!std::exchange(is_watched_, true))
            set_deadline(patience_with_others);
    }
    void has_room() override {
        if (untaken_ > 0)
            send(kind::taken, terminal::taken{std::exchange(untaken_, 0)});
    }
    void ended(const operation_result& result) override {
        send(kind::ended, result);
        leave();
    }
    void failed(const error& problem) override {
        send(kind::failed, problem);
        leave();
    }

protected:
    outcome<void> take(execution::frame_socket::frame what) override {
        switch (what.what) {
        case kind::open:
            return take_open(what.body);
        case kind::keys:
            return take_keys(what.body);
        case kind::window:
            return take_window(what.body);
        default:
            return malformed("a message of an unknown kind");
        }
    }

    void sent() override {
        if (waiting() >= most_waiting / 2) {
            if (is_watched_)
                set_deadline(patience_with_others);
            return;
        }
        if (std::exchange(is_watched_, false))
            set_deadline(std::chrono::milliseconds{0});
        if (session_)
            session_->go_on();
    }

    void late() override {
        if (leaving_)
            return close();
        if (!session_)
            return refuse(
                {error_code::deadline_exceeded, "the client did not say which session it wants", {}, {}});
        part();
        close();
    }

    void ended(const error* why) override {
        part();
        if (why != nullptr && !leaving_)
            refuse(*why);
    }

private:
    std::shared_ptr<session_connection> self() {
        return std::static_pointer_cast<session_connection>(shared_from_this());
    }

    void part() {
        if (auto session = std::exchange(session_, nullptr))
            session->detach(*this);
    }

    void leave() {
        leaving_ = true;
        session_.reset();
        if (is_open())
            close_when_sent(time_to_take);
    }

    void refuse(const error& why) {
        send(kind::failed, why);
        leave();
    }

    outcome<void> take_open(std::string_view body) {
        if (session_ || leaving_)
            return malformed("a second wish");
        // The version first: of another one the rest has no meaning.
        terminal::open what;
        wire::reader head{body};
        if (!head.apply(what.protocol_version) || !head.apply(what.program_version) ||
            what.protocol_version != version || what.program_version != program_version) {
            refuse({error_code::invalid_argument,
                    fmt::format("the node is of version {} and its client of another", program_version),
                    {},
                    "they have to be of one version; gestvenv node stop ends a node on this machine"});
            return {};
        }
        auto whole = wire::from_bytes<terminal::open>(body);
        if (!whole || !is_size(whole->columns, whole->rows))
            return malformed("a wish that cannot be read");
        set_deadline(std::chrono::milliseconds{0});
        auto found = whole->begins ? begin_session(std::move(*whole))
                                   : node_.terminals.find(where_.environment, whole->session)
                                         .map([&](const std::shared_ptr<lasting_session>& session) {
                                             session_ = session;
                                             session->attach(self(), {whole->columns, whole->rows});
                                         });
        if (!found)
            refuse(found.error());
        return {};
    }

    outcome<void> begin_session(terminal::open what) {
        auto& command = what.command;
        // What is of the client's process is not here.
        if (command.terminal || !command.passed_descriptors.empty() || !command.standard_input.empty())
            return malformed("a command with streams of its own");
        command.streams = stream_mode::capture;
        if (auto good = validate(command); !good)
            return good;
        const window_size size{what.columns, what.rows};
        session_info info;
        info.environment = where_.environment;
        info.command = shown_command(command);
        auto made = terminal_command::open(node_, loop(),
                                           {where_.environment, where_.owner, std::move(command), size});
        if (!made)
            return failure(std::move(made).error());
        auto session = std::make_shared<lasting_session>(node_.terminals, std::move(*made), std::move(info));
        session_ = session;
        session->start(self(), size);
        return {};
    }

    outcome<void> take_keys(std::string_view body) {
        auto typed = wire::from_bytes<terminal::keys>(body);
        if (!typed)
            return malformed("keys that cannot be read");
        if (typed->bytes.size() > most_keys - untaken_)
            return malformed("more keys than were taken");
        untaken_ += static_cast<std::uint32_t>(typed->bytes.size());
        if (!session_ || session_->type(typed->bytes))
            has_room();
        return {};
    }

    outcome<void> take_window(std::string_view body) {
        auto size = wire::from_bytes<terminal::window>(body);
        if (!size || !is_size(size->columns, size->rows))
            return malformed("a size that no window has");
        if (session_)
            session_->resize(*this, {size->columns, size->rows});
        return {};
    }

    node_services& node_;
    session_place where_;
    std::shared_ptr<lasting_session> session_;
    /// Of its keys.
    std::uint32_t untaken_ = 0;
    bool is_watched_ = false;
    bool leaving_ = false;
};

} // namespace

void serve_session(node_services& node, std::shared_ptr<execution::event_loop> loop, descriptor socket,
                   session_place where) {
    auto served = std::make_shared<session_connection>(node, loop, std::move(socket), std::move(where));
    loop->post([served] { served->begin(); });
}

} // namespace gestvenv::terminal
