// SPDX-License-Identifier: MIT
// Controlling a command while it runs.
#pragma once

#include <gestvenv/command_spec.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace gestvenv {

class command_link;
class environment_host;

/// Controls the one command to which it is given (`environment::execute_async`); copies control the same
/// command. Requests sent before the command has started wait for it, at most 64 of them; further ones are
/// dropped. Functions return at once and are thread-safe, except `on_stop`. Those that return a bool return
/// false once the command has ended.
class command_control {
public:
    command_control();

    /// Sends a signal, 1 to SIGRTMAX. Another number has no effect.
    bool send_signal(int number, signal_target target = signal_target::program) const;
    /// Continues the command after a stop (SIGCONT to its group), in the foreground or the background of its
    /// terminal.
    bool resume(bool in_foreground) const;
    /// Ends the command with all its descendants: by SIGKILL at once, or by SIGTERM first and SIGKILL after
    /// `grace`.
    bool end(std::chrono::milliseconds grace = std::chrono::milliseconds{0}) const;
    /// Sets the function that is called at each stop of the program, with the signal that stopped it
    /// (waitpid(2), WUNTRACED). It runs on the runtime's callback thread. Call this before the command is
    /// started, and not while another thread uses this object.
    void on_stop(std::function<void(int signal)> hear);

private:
    friend class environment;
    void call_on(const std::weak_ptr<environment_host>& host) const;

    std::shared_ptr<command_link> link_;
    std::shared_ptr<std::function<void(int)>> on_stop_;
};

} // namespace gestvenv
