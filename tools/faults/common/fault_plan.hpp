// SPDX-License-Identifier: MIT
// What is to go wrong in one run of a program, and what has been met on the way: a page of memory that the
// rig and the program under test with its launcher and keepers share, as the file `fault-plan` beside the
// programs.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <sys/types.h>

namespace gestvenv::faults {

enum class fault_kind : std::uint32_t {
    none,
    exception,     ///< is thrown where the step is
    kill_sender,   ///< the actor that sends; a kill is a message, so it ends with its present handler
    kill_receiver, ///< the actor that is sent to, before it sees the message
    kill_runtime,  ///< SIGKILL, as the following
    kill_launcher,
    kill_keepers,
    kill_runtime_and_launcher,
    kill_all,    ///< runtime, launcher and keepers
    clock_ahead, ///< the wall clock is a day later from now on, for program and launcher
    clock_back,
    journal_fails,      ///< reading, writing and syncing files of the state folder give EIO from now on
    journal_fails_once, ///< only the next time
    journal_full,       ///< writing to them gives ENOSPC from now on
    /// SIGSTOP to the keepers, SIGKILL to runtime and launcher.
    stop_keepers_and_kill_others,
};

inline constexpr std::array all_fault_kinds{
    fault_kind::none,
    fault_kind::exception,
    fault_kind::kill_sender,
    fault_kind::kill_receiver,
    fault_kind::kill_runtime,
    fault_kind::kill_launcher,
    fault_kind::kill_keepers,
    fault_kind::kill_runtime_and_launcher,
    fault_kind::kill_all,
    fault_kind::clock_ahead,
    fault_kind::clock_back,
    fault_kind::journal_fails,
    fault_kind::journal_fails_once,
    fault_kind::journal_full,
    fault_kind::stop_keepers_and_kill_others,
};

std::string_view to_string(fault_kind value) noexcept;
bool from_string(std::string_view text, fault_kind& value) noexcept;

/// Plain memory: all of it is valid when it is zero.
struct fault_plan {
    static constexpr std::size_t longest_name = 112;
    static constexpr std::size_t most_steps = 500;
    static constexpr std::size_t most_faults = 2;

    enum class call : std::uint32_t { quiet, waiting, carried_out };

    struct planned_fault {
        fault_kind kind;
        /// It comes when the step is met for the how-manieth time since the fault before it, from 1.
        std::uint32_t occurrence;
        /// At how many meetings in a row it comes.
        std::uint32_t times;
        std::array<char, longest_name> step;
    };

    // Set by the rig before anything runs. One after another; the last comes when all before it have.
    std::array<planned_fault, most_faults> faults;
    std::uint32_t planned;

    // Set by the programs.
    /// How many have come.
    std::atomic<std::uint32_t> struck;
    std::atomic<std::uint32_t> times_met;
    /// A futex: who meets the step waits in it until the rig has killed whom it is to kill.
    std::atomic<call> state;
    /// What the rig is to do while `state` is `waiting`.
    std::atomic<fault_kind> called_for;
    std::atomic<pid_t> launcher;
    /// By how many seconds the wall clock has jumped.
    std::atomic<std::int64_t> clock_jump;
    /// Which error the program's calls on files of its state folder give, 0 for none; how many of them.
    std::atomic<int> file_error;
    std::atomic<std::int64_t> file_errors_left;
    bool only_writes_fail;

    // What was met. Without a lock: a process killed at a step would hold it for ever. A step that two meet
    // for the first time at the same moment may stand here twice.
    struct met_step {
        std::array<char, longest_name> name;
        /// The name is whole.
        std::atomic<bool> ready;
        std::atomic<std::uint32_t> times;
        std::atomic<bool> has_sender;
    };
    std::atomic<std::uint32_t> count;
    std::array<met_step, most_steps> met;

    bool all_struck() const noexcept { return planned > 0 && struck.load() == planned; }
};

/// The plan in `file`, mapped; made anew where `make` is set. Null where it cannot be had.
fault_plan* map_plan(const std::filesystem::path& file, bool make);

/// Wakes those that wait for `state` to change, and waits for that while it is `while_value`, at most
/// `seconds`.
void wake(fault_plan& plan);
void await(fault_plan& plan, fault_plan::call while_value, double seconds);

inline constexpr const char* plan_file = "fault-plan";

} // namespace gestvenv::faults
