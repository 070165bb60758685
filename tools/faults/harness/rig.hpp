// SPDX-License-Identifier: MIT
// Plays the scenario with one fault in it, kills whom the fault says, and then looks for what is left: at
// once, and after the next start. One fault at a time; the process that owns a rig becomes the parent of
// everything that loses its own (prctl(2), PR_SET_CHILD_SUBREAPER), so that nothing which is left can hide.
#pragma once

#include "tools/faults/common/scenario.hpp"
#include "tools/faults/harness/cycle.hpp"
#include "tools/faults/harness/rig_groups.hpp"
#include "tools/faults/harness/rig_sweep.hpp"
#include "tools/faults/harness/strike_watch.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

struct cycle_report {
    /// Whether the step was met and the fault came, and the one before it.
    bool struck = false;
    /// What was left, was open or took too long, one sentence each. Empty: all is well.
    std::vector<std::string> faults;
    /// Processes that outlived the death of all where nothing holds them together but their parents: the one
    /// documented hole (docs/security.md).
    std::size_t outlived = 0;
    /// From the fault, or from the program's own end, until nothing ran any more.
    std::chrono::milliseconds until_quiet{0};
    /// The same until no folder and no group was left either, where that is not the next start's.
    std::chrono::milliseconds until_nothing{0};
    /// What the programs said.
    std::string said;
    /// The steps that were met, in the scenario and in the next starts.
    struct met_step {
        std::string name;
        std::uint32_t times;
        /// A message that an actor sends.
        bool has_sender;
    };
    std::vector<met_step> met;
};

class rig {
public:
    struct programs {
        std::filesystem::path subject;
        std::filesystem::path launcher;
    };

    /// Copies the programs into a folder of its own below `place`. Throws std::runtime_error.
    rig(const programs& built, const std::filesystem::path& place);
    rig(const rig&) = delete;
    rig& operator=(const rig&) = delete;
    ~rig();

    cycle_report run(const cycle& asked);

protected:
    struct played {
        bool ended_by_itself = false;
        std::chrono::steady_clock::time_point over;
    };
    using part = scenario::part;

    void take_memory_of_its_own();
    void clear();
    void plan(const cycle& what);
    void note_steps(cycle_report& report) const;
    pid_t start(const cycle& what, part does) const;
    void judge(const cycle& what, part did, int status, bool late, cycle_report& report) const;
    played play(const cycle& what, part does, cycle_report& report);
    void play_one_before(const cycle& what, cycle_report& report);
    void lose_the_journal(const cycle& what) const;
    void carry_out(fault_kind kind, pid_t runtime) const;

    // In rig_looks.cpp: what is looked at when a part has been played.
    std::vector<std::filesystem::path> storage_roots(bool ordinary_user) const;
    std::vector<std::filesystem::path> storages() const;
    void begin_watch();
    void end_watch(const cycle& what, part did, cycle_report& report);
    void read_report(const cycle& what, part did, bool disturbed, cycle_report& report) const;
    void wait_until_quiet(const cycle& what, const played& how, cycle_report& report);
    std::vector<pid_t> wait_for_descendants(std::chrono::steady_clock::time_point deadline) const;
    void look_for_processes(cycle_report& report, const char* when) const;
    void look_for_resources(cycle_report& report, const char* when) const;
    void look_for_state(const cycle& what, cycle_report& report) const;

    bool has_memory_of_its_own_ = false;
    std::filesystem::path folder_;
    /// From before anything is made, until everything is removed.
    rig_sweep sweep_;
    rig_groups groups_;
    /// The same programs without a plan beside them.
    std::filesystem::path quiet_;
    std::filesystem::path work_;
    fault_plan* plan_ = nullptr;
    /// From a strike that kills on.
    std::optional<strike_watch> watch_;
    /// In the default roots before the cycle: others of this user use them too.
    std::set<std::filesystem::path> strangers_;
};

} // namespace gestvenv::faults
