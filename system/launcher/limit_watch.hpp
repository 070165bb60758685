// SPDX-License-Identifier: MIT
// Which limit a command met: the kernel's counters before and after it, and what the keeper saw in between.
#pragma once

#include "system/launcher/keeper.hpp"
#include "system/process/protocol.hpp"

#include <gestvenv/limit_reached.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace gestvenv {

class limit_watch {
public:
    using clock = std::chrono::steady_clock;

    /// The counters at a command's beginning.
    struct marks {
        std::int64_t memory_kills = 0;
        std::int64_t memory_hits = 0;
        std::int64_t kills_above = 0;
        std::int64_t refused_threads = 0;
        clock::time_point at;
    };

    explicit limit_watch(const keeper_setup& setup) : setup_(setup) {}

    marks now() const;
    /// Whether looking now and then sees more than looking at the end, and how often.
    bool wants_looks() const noexcept { return setup_.limits.threads_in_namespace.has_value(); }
    std::chrono::milliseconds look_interval() const noexcept;
    /// Called while commands run.
    void look();
    /// Fills in what a command met that has ended; `ended_by_us`: the keeper killed it.
    void explain(const marks& before, bool ended_by_us, const std::optional<process_settings>& settings,
                 protocol::exited& result);

private:
    /// The bound of threads that was not asked for.
    bool is_usual() const noexcept;
    void look_at_threads();
    void explain_memory(const marks& before, bool killed, protocol::exited& result) const;
    void explain_room(const marks& before, bool failed, protocol::exited& result);
    void explain_caller_limits(bool ended_by_us, const std::optional<process_settings>& settings,
                               protocol::exited& result) const;
    void look_at_room();
    limit_reached limit_above() const;

    const keeper_setup& setup_;
    clock::time_point threads_full_at_;
    std::int64_t most_threads_ = 0;
    clock::time_point storage_full_at_;
    clock::time_point shm_full_at_;
};

} // namespace gestvenv
