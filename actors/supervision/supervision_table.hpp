// SPDX-License-Identifier: MIT
// What a supervisor decides, apart from how it is carried out: a table of children and, for each end, whom to
// stop, whom to start again and when, or that it is enough. Plain data, no actor and no clock of its own.
//
// The contract:
// - Children are started in the order in which they were added and stopped in reverse.
// - An unexpected end is answered by the child's restart policy: permanent is always started
//   again, transient after an abnormal end, temporary never. A misconfigured child is never started again.
// - A restart takes along whom the strategy names: those are stopped first, in reverse order, then all are
//   started in order. A temporary child that is stopped this way is not started again.
// - Each restart counts once against the intensity, however many children it takes along. One too many and
// the
//   decision is to give up: everything is to be stopped and the next supervisor above told.
// - The pause before a start is that of the child that ended (restart_backoff.hpp).
// - A second end while a restart is under way joins it, and counts.
#pragma once

#include "actors/supervision/child_specification.hpp"
#include "actors/supervision/restart_intensity.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

enum class child_state : std::uint8_t {
    waiting, ///< will be started
    running,
    stopping, ///< has been told to stop
    ended,    ///< and is not started again
};

std::string_view to_string(child_state value) noexcept;

/// What to do about an end.
struct supervision_decision {
    /// Running children to stop now, in this order; `stopped` is to be told of each end.
    std::vector<std::string> stop;
    /// Pause before the starts, once all of them have stopped; unset: nothing is started.
    std::optional<std::chrono::nanoseconds> restart_after;
    bool give_up = false;
    /// One sentence for the crash report.
    std::string why;
};

class supervision_table {
public:
    using instant = std::chrono::steady_clock::time_point;

    struct child {
        child_specification specification;
        child_state state = child_state::waiting;
        restart_backoff backoff;
        std::size_t restarts = 0;
        instant since{};
    };

    explicit supervision_table(supervision_settings settings)
        : settings_(settings), intensity_(settings.intensity, settings.period) {}

    /// The name must not be in the table.
    void add(child_specification specification);
    void started(const std::string& name, instant now);
    /// A child has ended of itself. `chance`: uniform in [0, 1), for the jitter.
    supervision_decision ended(const std::string& name, child_end how, instant now, double chance);
    /// A child has ended because it was told to.
    void stopped(const std::string& name, instant now);
    /// Whether a restart waits for children that have yet to stop.
    bool stopping() const noexcept;
    /// Children to be started, in order.
    std::vector<std::string> waiting() const;
    /// All that run or are stopping are to be stopped, in this order, and nothing is started again.
    std::vector<std::string> stop_all();

    const child* find(std::string_view name) const noexcept;
    const std::vector<child>& children() const noexcept { return children_; }
    const supervision_settings& settings() const noexcept { return settings_; }

private:
    child* entry(std::string_view name) noexcept;

    supervision_settings settings_;
    restart_intensity intensity_;
    std::vector<child> children_;
};

} // namespace gestvenv
