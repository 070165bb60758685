// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/terminal_attachment.hpp"

#include "messages/wire.hpp"
#include "system/posix/system_failure.hpp"
#include "system/version.hpp"
#include "tools/gestvenv/terminal/process_stop.hpp"
#include "tools/gestvenv/terminal/told_signals.hpp"

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

using execution::kind;

constexpr std::size_t piece_size = std::size_t{16} << 10;
/// Output that waits for the terminal, beyond which the node has to.
constexpr std::size_t most_output = std::size_t{256} << 10;
/// A result, and what it was shown before.
constexpr std::size_t largest_answer = std::size_t{16} << 20;

bool is_for_later() {
    return errno == EAGAIN || errno == EINTR;
}

error lost_node() {
    return {error_code::node_unreachable,
            "the node has closed the connection of a terminal session",
            {},
            "gestvenv node status says whether it is there; one that ends takes its environments with it"};
}

error unreadable() {
    return {error_code::node_unreachable,
            "the node sent something that is no answer about a terminal",
            {},
            "it may be of another version; end it with: gestvenv node stop"};
}

} // namespace

terminal_attachment::terminal_attachment(descriptor terminal, detach_keys keys)
    : terminal_(std::move(terminal)), keys_(std::move(keys)) {}

outcome<terminal_attachment> terminal_attachment::open(detach_keys keys) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
        return failure(error_code::invalid_argument, "standard input and output are not a terminal",
                       "with pipes and files: gestvenv ephemeral exec ENVIRONMENT CMD");
    // With a file description of our own, so that no other one becomes non-blocking.
    descriptor terminal{::open("/proc/self/fd/0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!terminal) // of another user (su)
        terminal = descriptor{::open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!terminal)
        return system_failure(errno, "cannot open the terminal");
    return terminal_attachment{std::move(terminal), std::move(keys)};
}

outcome<attachment_end> terminal_attachment::run(descriptor socket, terminal::open wish,
                                                 termination* program) {
    auto signals = told_signals::begin(program);
    if (!signals)
        return failure(std::move(signals).error());
    terminal_modes modes{terminal_.get()};
    modes_ = &modes;
    winsize size{};
    // One without a size, of a serial line, has that of all times.
    if (::ioctl(terminal_.get(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        wish.columns = size.ws_col;
        wish.rows = size.ws_row;
    }
    wish.program_version = program_version;
    node_ = execution::frame_socket{std::move(socket), largest_answer, 0};
    node_.queue(kind::open, std::move(wish));
    auto done = loop(*signals);
    output_ = screen_.reset();
    write_output();
    modes.restore();
    modes_ = nullptr;
    node_.close();
    if (!done)
        return failure(std::move(done).error());
    return std::move(end_);
}

outcome<void> terminal_attachment::loop(const told_signals& signals) {
    // What has come last is shown before the end; a signal does not wait for that.
    while (!is_over_ || (!output_.empty() && end_.signal == 0 && end_.result)) {
        const bool reads_keys = modes_->raw() && untaken_ < terminal::most_keys && !is_over_;
        const bool reads_node = output_.size() < most_output && !is_over_;
        std::array<pollfd, 3> items{
            pollfd{terminal_.get(),
                   static_cast<short>((reads_keys ? POLLIN : 0) | (output_.empty() ? 0 : POLLOUT)), 0},
            pollfd{is_over_ ? -1 : node_.get(),
                   static_cast<short>((reads_node ? POLLIN : 0) | (node_.waiting() > 0 ? POLLOUT : 0)), 0},
            pollfd{signals.get(), POLLIN, 0}};
        if (::poll(items.data(), items.size(), -1) < 0 && errno != EINTR)
            return system_failure(errno, "cannot wait for the terminal");
        if (items[2].revents != 0)
            take_signals(signals);
        if ((items[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 && (items[0].revents & POLLIN) == 0) {
            end_.signal = SIGHUP;
            return {};
        }
        if (reads_keys && (items[0].revents & POLLIN) != 0)
            read_keys();
        if (!is_over_ && (items[1].revents & ~POLLOUT) != 0 && reads_node)
            if (auto read = read_frames(); !read)
                return read;
        write_output();
        // Also what was typed right before the session was left.
        if (auto sent = node_.flush(); !sent && !is_over_)
            return sent;
    }
    return {};
}

void terminal_attachment::take_signals(const told_signals& signals) {
    while (const auto signal = signals.next()) {
        switch (*signal) {
        case SIGWINCH:
            send_size();
            break;
        case SIGCONT:
            if (!end_.session.empty()) {
                modes_->make_raw(terminal_sharing::alone);
                send_size();
            }
            break;
        case SIGTSTP:
            stop();
            break;
        default:
            end_.signal = *signal;
            is_over_ = true;
        }
    }
}

// Sent by another process: the key is a byte.
void terminal_attachment::stop() {
    modes_->restore();
    stop_this_process(SIGTSTP);
    if (!end_.session.empty())
        modes_->make_raw(terminal_sharing::alone);
    send_size();
}

void terminal_attachment::send_size() {
    winsize size{};
    if (!is_over_ && ::ioctl(terminal_.get(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
        node_.queue(kind::window, terminal::window{size.ws_col, size.ws_row});
}

void terminal_attachment::read_keys() {
    std::array<char, piece_size> bytes{};
    const auto most = std::min(bytes.size(), terminal::most_keys - untaken_);
    const auto got = ::read(terminal_.get(), bytes.data(), most);
    if (got < 0 && is_for_later())
        return;
    if (got <= 0) {
        end_.signal = SIGHUP;
        is_over_ = true;
        return;
    }
    std::string passed;
    is_over_ = keys_.read({bytes.data(), static_cast<std::size_t>(got)}, passed);
    untaken_ += passed.size();
    if (!passed.empty())
        node_.queue(kind::keys, terminal::keys{std::move(passed)});
}

outcome<void> terminal_attachment::read_frames() {
    auto there = node_.read();
    if (!there)
        return failure(std::move(there).error());
    while (!is_over_) {
        auto next = node_.next();
        if (!next)
            return failure(std::move(next).error());
        if (!*next)
            break;
        if (auto taken = take(**next); !taken)
            return taken;
    }
    if (!*there && !is_over_)
        return failure(lost_node());
    return {};
}

outcome<void> terminal_attachment::take(const execution::frame_socket::frame& what) {
    switch (what.what) {
    case kind::attached: {
        auto session = wire::from_bytes<terminal::attached>(what.body);
        if (!session)
            return failure(unreadable());
        end_.session = std::move(session->session);
        modes_->make_raw(terminal_sharing::alone);
        return {};
    }
    case kind::output: {
        auto piece = wire::from_bytes<execution::output>(what.body);
        if (!piece)
            return failure(unreadable());
        screen_.read(piece->bytes);
        output_ += piece->bytes;
        return {};
    }
    case kind::taken: {
        auto taken = wire::from_bytes<terminal::taken>(what.body);
        if (!taken || taken->size > untaken_)
            return failure(unreadable());
        untaken_ -= taken->size;
        return {};
    }
    case kind::ended: {
        auto result = wire::from_bytes<operation_result>(what.body);
        if (!result)
            return failure(unreadable());
        end_.result = std::move(*result);
        is_over_ = true;
        return {};
    }
    case kind::failed: {
        auto why = wire::from_bytes<error>(what.body);
        return failure(why ? std::move(*why) : unreadable());
    }
    default:
        return failure(unreadable());
    }
}

void terminal_attachment::write_output() {
    while (!output_.empty()) {
        const auto written = ::write(terminal_.get(), output_.data(), output_.size());
        if (written > 0)
            output_.erase(0, static_cast<std::size_t>(written));
        else if (written < 0 && is_for_later())
            return;
        else
            output_.clear(); // it has gone; poll(2) says so
    }
}

} // namespace gestvenv::cli
