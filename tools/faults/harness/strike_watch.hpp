// SPDX-License-Identifier: MIT
// What environments had when a fault struck, and when it was gone: for the promise that this takes no second
// after a kill.
#pragma once

#include "tools/faults/common/process_look.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gestvenv::faults {

class strike_watch {
public:
    using clock = std::chrono::steady_clock;

    /// The processes of all keepers of that launcher as they are now, and these folders and groups.
    strike_watch(pid_t launcher, std::vector<std::filesystem::path> things);

    /// Looks again. Cheap where all was gone before.
    void look();
    bool over() const noexcept { return processes_gone_ && things_gone_; }

    /// Since the strike; unset while something is left.
    std::optional<std::chrono::milliseconds> processes_gone() const noexcept { return processes_gone_; }
    std::optional<std::chrono::milliseconds> things_gone() const noexcept { return things_gone_; }
    /// One of those that are left, for people.
    std::string example() const;

private:
    std::optional<std::string> living_one() const;
    std::optional<std::string> thing_there() const;

    clock::time_point struck_ = clock::now();
    std::vector<seen_process> processes_;
    /// Of the environments; a process born into one belongs to it.
    std::set<std::string> pid_namespaces_;
    std::vector<std::filesystem::path> things_;
    std::optional<std::chrono::milliseconds> processes_gone_;
    std::optional<std::chrono::milliseconds> things_gone_;
};

} // namespace gestvenv::faults
