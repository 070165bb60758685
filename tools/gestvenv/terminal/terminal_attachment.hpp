// SPDX-License-Identifier: MIT
// The caller's terminal, and a session that lives in a node: what comes from one goes to the other.
#pragma once

#include "messages/outcome.hpp"
#include "net/execution/frame_socket.hpp"
#include "net/terminal/messages.hpp"
#include "net/terminal/screen_modes.hpp"
#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/terminal/detach_keys.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <gestvenv/operation_result.hpp>

#include <csignal>
#include <cstddef>
#include <optional>
#include <string>

namespace gestvenv::cli {

class termination;
class told_signals;

/// Why the terminal is the caller's alone again.
struct attachment_end {
    /// Its id; empty: it had not been attached yet.
    std::string session;
    /// What came of the session's command; unset: the session goes on.
    std::optional<operation_result> result;
    /// By which this program is to end, after it was detached for it; 0: none.
    int signal = 0;
};

/// Once. The caller's terminal is as it was afterwards, whatever happens. Bounded buffers: who writes faster than the
/// other reads has to wait.
class terminal_attachment {
public:
    /// The error is that standard input or output is no terminal.
    static outcome<terminal_attachment> open(detach_keys keys);

    /// `socket` speaks `gestvenv-terminal`; the size in `wish` is filled in. Errors: what the node says, and
    /// node_unreachable where it goes away. `program`: as for told_signals::begin().
    outcome<attachment_end> run(descriptor socket, terminal::open wish, termination* program);

private:
    terminal_attachment(descriptor terminal, detach_keys keys);
    outcome<void> loop(const told_signals& signals);
    void take_signals(const told_signals& signals);
    void read_keys();
    outcome<void> read_frames();
    outcome<void> take(const execution::frame_socket::frame& what);
    void write_output();
    void send_size();
    void stop();

    descriptor terminal_;
    detach_keys keys_;
    execution::frame_socket node_{descriptor{}, 0, 0};
    terminal::screen_modes screen_;
    std::string output_;
    /// Keys on their way, of which the node has not said that they are taken.
    std::size_t untaken_ = 0;
    bool is_over_ = false;
    attachment_end end_;
    /// Null outside of run().
    terminal_modes* modes_ = nullptr;
};

} // namespace gestvenv::cli
