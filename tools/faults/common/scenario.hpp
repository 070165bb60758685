// SPDX-License-Identifier: MIT
// What the program under test does: the life of a runtime with two environments, as far as a fault lets it,
// or the next start after it.
#pragma once

#include <gestvenv/enumerations.hpp>

#include <filesystem>

namespace gestvenv::faults {

struct scenario {
    /// State folders, storages, and the reports are below it.
    std::filesystem::path folder;
    std::filesystem::path launcher;
    gestvenv::storage_backend storage = storage_backend::tmpfs;
    containment best = containment::pid_namespace;
    enum class part {
        use,
        install, ///< use, and install a wheel with uv
        recover, ///< finish what an earlier run left, instead of using environments
        beside,  ///< use, and finish in the background what others leave meanwhile
        after,   ///< recover, use environments, and look for what each has left in the launcher
    };
    part does = part::use;
    /// Storage is where it is by default, and not below `folder`.
    bool default_roots = false;
    /// The start itself finishes what others left, in the background; otherwise it is asked to.
    bool automatic_recovery = false;
    /// Goes on only when the fault has come, or does not come within some seconds: for steps that come about
    /// by themselves, once a second.
    bool waits_for_the_fault = false;
};

/// The variable that the commands of an environment have, with its id: tells whose they are.
inline constexpr const char* mark_variable = "GESTVENV_FAULT_MARK";
/// The variable of the program with the groups, one per hierarchy, that all others are below, separated by
/// ':'.
inline constexpr const char* groups_variable = "GESTVENV_FAULT_GROUPS";

// The report's lines that the rig looks for; the rest is for people.
/// Something that no fault may bring about.
inline constexpr const char* finding_line = "finding: ";
/// A call failed that succeeds where there is no fault.
inline constexpr const char* failed_line = "failed: ";
/// `receipt: NAME clean` or `receipt: NAME left N`.
inline constexpr const char* receipt_line = "receipt: ";

/// Where a part writes its report: each has a file of its own.
std::filesystem::path report_of(scenario::part does, const std::filesystem::path& folder);

/// Goes on after every failure that a host would hear of, and writes those to the report. Returns the
/// exit status: 0, or 3 when descriptors are open that were not before.
int play(const scenario& setup);

} // namespace gestvenv::faults
