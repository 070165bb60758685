// SPDX-License-Identifier: MIT
// Shared memory, semaphores and message queues that outlive their processes: those of System V, and the files
// of POSIX ones.
#pragma once

#include "system/process/protocol.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gestvenv {

/// How many the caller's ipc namespace has, message queues of POSIX included where /dev/mqueue shows them.
std::int64_t segments_in_this_namespace();

/// For an environment that shares them with the host: what was there before it, and so what came about
/// meanwhile.
class segment_ledger {
public:
    /// Notes what is there now.
    segment_ledger();

    /// When all processes of the environment have ended: removes what one of `processes` has made, names
    /// what may be another program's, and counts.
    void settle(const std::vector<pid_t>& processes, protocol::ended& report) const;

private:
    enum class kind : int { memory, semaphores, queue };
    struct segment {
        kind what;
        int id;
        /// The creator, or who used it first or last; 0: not known.
        std::vector<pid_t> users;
    };

    static std::vector<segment> find_all();
    static std::vector<std::string> find_files(const char* folder);
    static bool remove(const segment& item);

    std::set<std::pair<kind, int>> before_;
    std::set<std::string> files_before_;
};

} // namespace gestvenv
