// SPDX-License-Identifier: MIT
// Lists of processes that the launcher has been asked for. Each is read by a child: /proc/PID/cmdline waits for the
// memory map of a process, which one that is blocked in the kernel may hold.
#pragma once

#include "messages/outcome.hpp"
#include "system/launcher/environment_record.hpp"
#include "system/launcher/helper_process.hpp"
#include "system/process/protocol.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <sys/types.h>
#include <vector>

namespace gestvenv {

/// Those of `found` that are alive, the `most` with most memory first. `in_namespace`: of an environment with a pid
/// namespace.
protocol::listed read_processes(std::span<const pid_t> found, std::size_t most, bool in_namespace);

class process_listings {
public:
    using clock = std::chrono::steady_clock;
    using answer = std::function<void(std::uint64_t request, outcome<protocol::listed>)>;

    /// Lists under way; a further one is refused.
    static constexpr std::size_t most_at_once = 8;
    /// Then its child is killed, and the request is answered with an error.
    static constexpr std::chrono::seconds longest{5};

    outcome<void> begin(std::uint64_t request, const environment_record& environment, std::int64_t most);
    /// `done` is called for each list that is complete, or will not be.
    void advance(const answer& done);
    std::vector<int> readers() const;
    std::vector<pid_t> pids() const;
    /// When `advance` must be called again at the latest.
    std::optional<clock::time_point> wake_at() const;

private:
    struct listing {
        std::uint64_t request = 0;
        helper_process reading;
        clock::time_point deadline;
    };

    std::vector<listing> under_way_;
};

} // namespace gestvenv
