// SPDX-License-Identifier: MIT
// The runtime's connection to the keeper of one environment.
#pragma once

#include "system/process/machine.hpp"
#include "system/process/outbox.hpp"
#include "system/process/reactor.hpp"
#include "system/process/running_command.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

namespace gestvenv {

/// Thread-safe. Answers arrive on the reactor's thread.
class keeper_link final : public command_receiver, public std::enable_shared_from_this<keeper_link> {
public:
    static outcome<std::shared_ptr<keeper_link>> open(reactor& events, channel connection);

    void run(process_request request, machine::callback<operation_result> done);
    void kill(std::uint64_t command, std::chrono::milliseconds grace) override;
    void signal(protocol::signal order) override;
    /// Ends the connection; every running command fails with `environment_gone`. On the reactor's thread.
    void close();

private:
    keeper_link(reactor& events, channel connection);

    void read();
    void handle(const protocol::header& head, std::string_view body);
    std::shared_ptr<running_command> find(std::uint64_t number);
    std::shared_ptr<running_command> take(std::uint64_t number);

    reactor& events_;
    std::mutex mutex_;
    outbox outbox_;
    std::map<std::uint64_t, std::shared_ptr<running_command>> running_;
    bool closed_ = false;
};

} // namespace gestvenv
