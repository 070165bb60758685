// SPDX-License-Identifier: MIT
// What a host holds of one command, to speak to it while it runs.
#pragma once

#include "system/process/protocol.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace gestvenv {

/// Takes orders for commands that run: the connection to their keeper, or to a node. Thread-safe.
class command_receiver {
public:
    command_receiver() = default;
    command_receiver(const command_receiver&) = delete;
    command_receiver& operator=(const command_receiver&) = delete;
    virtual ~command_receiver() = default;

    virtual void signal(protocol::signal order) = 0;
    /// With all its descendants; with a `grace`, asks first.
    virtual void kill(std::uint64_t command, std::chrono::milliseconds grace) = 0;
};

/// Thread-safe. Before the command has been handed to its receiver, what it is sent waits here.
class command_link {
public:
    /// Bound on what waits; a further signal is dropped, as one that is pending already is by the kernel.
    static constexpr std::size_t most_waiting = 64;

    /// Hears by which signal the program has been stopped; on the machine's thread, must not block.
    void on_stop(std::function<void(int)> hear);
    /// False once the command has ended. `what.command` is filled in.
    bool signal(protocol::signal what);
    /// Kills it with all its descendants; with a `grace`, asks first.
    bool kill(std::chrono::milliseconds grace);

    /// For the receiver: the command is under way, and goes by this number.
    void begin(std::weak_ptr<command_receiver> receiver, std::uint64_t number);
    void stopped(int number);
    void end();

private:
    using order = std::function<void(command_receiver&, std::uint64_t)>;
    bool give(order what);

    std::mutex mutex_;
    std::weak_ptr<command_receiver> receiver_;
    std::uint64_t number_ = 0;
    bool begun_ = false;
    bool ended_ = false;
    std::vector<order> waiting_;
    std::function<void(int)> on_stop_;
};

} // namespace gestvenv
