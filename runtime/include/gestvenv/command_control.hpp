// SPDX-License-Identifier: MIT
// Speaking to a command while it runs.
#pragma once

#include <gestvenv/command_spec.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace gestvenv {

class command_link;
class runtime_core;

/// Belongs to the one command that it is given to (`environment::execute_async`); copies speak to the same
/// one. What is sent before the command has started reaches it then. Functions return at once and may be
/// called from any thread; those that return a bool say false once the command has ended.
class command_control {
public:
    command_control();

    /// Sends a signal, 1 to SIGRTMAX.
    bool send_signal(int number, signal_target target = signal_target::program) const;
    /// Continues it after a stop (SIGCONT to its group): in the foreground of its terminal, or behind.
    bool resume(bool in_foreground) const;
    /// Ends it with all its descendants: at once, or asking first (SIGTERM) and waiting for `grace`.
    bool end(std::chrono::milliseconds grace = std::chrono::milliseconds{0}) const;
    /// Hears by which signal the program has been stopped (waitpid(2), WUNTRACED), each time; on the
    /// runtime's callback thread. Set before the command is started.
    void on_stop(std::function<void(int signal)> hear);

private:
    friend class environment;
    void call_on(const std::weak_ptr<runtime_core>& core) const;

    std::shared_ptr<command_link> link_;
    std::shared_ptr<std::function<void(int)>> on_stop_;
};

} // namespace gestvenv
