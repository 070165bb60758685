// SPDX-License-Identifier: MIT
// What a host holds of one command, to speak to it while it runs.
#pragma once

#include "system/process/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace gestvenv {

class keeper_link;

/// Thread-safe. Before the command has been handed to its keeper, what it is sent waits here.
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

    /// For the connection to its keeper.
    void begin(std::weak_ptr<keeper_link> keeper, std::uint64_t number);
    void stopped(int number);
    void end();

private:
    using order = std::function<void(keeper_link&, std::uint64_t)>;
    bool give(order what);

    std::mutex mutex_;
    std::weak_ptr<keeper_link> keeper_;
    std::uint64_t number_ = 0;
    bool begun_ = false;
    bool ended_ = false;
    std::vector<order> waiting_;
    std::function<void(int)> on_stop_;
};

} // namespace gestvenv
