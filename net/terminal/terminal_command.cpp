// SPDX-License-Identifier: MIT
#include "net/terminal/terminal_command.hpp"

#include "net/node/node_services.hpp"
#include "runtime/ask.hpp"
#include "system/process/command_link.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::terminal {

namespace {

constexpr std::size_t piece_size = std::size_t{16} << 10;
/// Pieces passed on at a time, before other terminals have their turn.
constexpr int pieces_at_a_time = 16;

} // namespace

terminal_command::terminal_command(node_services& node, std::shared_ptr<execution::event_loop> loop,
                                   terminal_request wish, pseudo_terminal terminal)
    : node_(node), loop_(std::move(loop)), wish_(std::move(wish)), terminal_(std::move(terminal)),
      link_(std::make_shared<command_link>()) {}

outcome<std::shared_ptr<terminal_command>> terminal_command::open(node_services& node,
                                                                  std::shared_ptr<execution::event_loop> loop,
                                                                  terminal_request wish) {
    auto terminal = open_pseudo_terminal(wish.size);
    if (!terminal)
        return failure(std::move(terminal).error());
    return std::shared_ptr<terminal_command>{
        new terminal_command{node, std::move(loop), std::move(wish), std::move(*terminal)}};
}

void terminal_command::start(std::weak_ptr<terminal_viewer> viewer) {
    viewer_ = std::move(viewer);
    link_->on_stop([weak = weak_from_this(), loop = loop_](int number) {
        loop->post([weak, number] {
            auto self = weak.lock();
            if (auto seen = self ? self->viewer_.lock() : nullptr)
                seen->stopped(number);
        });
    });
    post([self = shared_from_this()] { self->begin(); });
}

void terminal_command::begin() {
    operation_request request;
    request.environment = wish_.environment;
    request.owner = wish_.owner;
    request.connection = connection_ = node_.new_connection();
    request.link = link_;
    wish_.command.terminal = command_terminal{.device = terminal_.device.get()};
    request.what = std::move(wish_.command);
    // Held by it, the device stays open until the command has ended.
    request.done = [self = shared_from_this()](const operation_info& info) {
        self->post([self, info] { self->has_ended(info); });
    };
    node_.runtime->begin_at<operation_info>(
        node_.operations(),
        [self = shared_from_this()](outcome<operation_info> begun) {
            auto kept = std::make_shared<outcome<operation_info>>(std::move(begun));
            self->post([self, kept] { self->has_begun(*kept); });
        },
        start_atom_v, std::move(request));
}

void terminal_command::has_begun(const outcome<operation_info>& info) {
    if (!info)
        return fail(info.error());
    begun_ = true;
    if (auto viewer = viewer_.lock())
        viewer->begun(*info);
    if (ended_)
        drain();
    else
        watch();
}

/// Waits for all that can be gone on with, or for nothing.
void terminal_command::watch() {
    const bool goes_on = !ended_ && !dead_ && terminal_.master;
    const std::uint32_t wanted = (full_ ? 0U : EPOLLIN) | (input_.empty() ? 0U : EPOLLOUT);
    auto done = watched_.want(loop_->events(), terminal_.master.get(), goes_on ? wanted : 0U,
                              [self = shared_from_this()](std::uint32_t news) { self->ready(news); });
    if (!done)
        fail(done.error());
}

void terminal_command::unwatch() {
    watched_.stop(loop_->events(), terminal_.master.get());
}

void terminal_command::ready(std::uint32_t news) {
    if ((news & EPOLLOUT) != 0)
        write_input();
    // The device is open here, so that only vhangup(2) does this.
    dead_ = (news & (EPOLLHUP | EPOLLERR)) != 0 && (news & EPOLLIN) == 0;
    for (int count = 0; (news & EPOLLIN) != 0 && count < pieces_at_a_time && !full_; ++count)
        if (!pass_piece())
            break;
    watch();
}

/// False: there is nothing to read now.
bool terminal_command::pass_piece() {
    std::array<char, piece_size> bytes{};
    auto got = ::read(terminal_.master.get(), bytes.data(), bytes.size());
    if (got <= 0) {
        dead_ = got == 0 || (errno != EAGAIN && errno != EINTR);
        return got < 0 && errno == EINTR;
    }
    if (auto viewer = viewer_.lock())
        full_ = !viewer->show({bytes.data(), static_cast<std::size_t>(got)});
    return true;
}

void terminal_command::go_on() {
    if (!std::exchange(full_, false) || !begun_)
        return;
    if (ended_)
        drain();
    else
        watch();
}

void terminal_command::type(std::string_view keys) {
    if (ended_ || !terminal_.master)
        return;
    input_ += keys;
    wants_room_ = !has_room();
    write_input();
    watch();
}

void terminal_command::write_input() {
    while (!input_.empty()) {
        auto written = ::write(terminal_.master.get(), input_.data(), input_.size());
        if (written > 0)
            input_.erase(0, static_cast<std::size_t>(written));
        else if (written < 0 && errno == EAGAIN)
            break;
        else if (written == 0 || errno != EINTR)
            input_.clear(); // no process reads it any more
    }
    if (has_room() && std::exchange(wants_room_, false))
        if (auto viewer = viewer_.lock())
            viewer->has_room();
}

outcome<void> terminal_command::resize(const window_size& size) {
    if (!terminal_.master)
        return {};
    return terminal::resize(terminal_.master, size);
}

void terminal_command::signal(int number) {
    protocol::signal order;
    order.number = number;
    order.target = signal_target::foreground_group;
    if (number == SIGCONT)
        order.foreground = true;
    link_->signal(order);
}

void terminal_command::hang_up() {
    viewer_.reset();
    unwatch();
    if (!ended_)
        end_connection();
    terminal_.master.reset();
    input_.clear();
}

void terminal_command::has_ended(const operation_info& info) {
    unwatch();
    ended_ = info;
    terminal_.device.reset();
    end_connection();
    // Nothing takes it any more, and no key is to wait.
    input_.clear();
    if (std::exchange(wants_room_, false))
        if (auto viewer = viewer_.lock())
            viewer->has_room();
    if (begun_)
        drain();
}

/// What the program has written last is still on its way.
void terminal_command::drain() {
    for (int count = 0; !full_ && terminal_.master; ++count) {
        if (count == pieces_at_a_time)
            return post([self = shared_from_this()] { self->drain(); });
        // Linux hands over what is on its way when it is asked whether there is something (n_tty).
        pollfd item{terminal_.master.get(), POLLIN, 0};
        if (::poll(&item, 1, 0) <= 0 || (item.revents & POLLIN) == 0 || !pass_piece())
            return finish();
    }
}

void terminal_command::finish() {
    if (std::exchange(finished_, true))
        return;
    terminal_.master.reset();
    auto viewer = viewer_.lock();
    if (!viewer)
        return;
    if (ended_->problem)
        viewer->failed(*ended_->problem);
    else
        viewer->ended(*ended_->result);
}

void terminal_command::fail(const error& problem) {
    if (std::exchange(finished_, true))
        return;
    unwatch();
    if (!ended_)
        end_connection();
    if (auto viewer = viewer_.lock())
        viewer->failed(problem);
}

void terminal_command::end_connection() {
    if (connection_)
        caf::anon_send_exit(std::exchange(connection_, {}), caf::exit_reason::user_shutdown);
}

} // namespace gestvenv::terminal
