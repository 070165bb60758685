// SPDX-License-Identifier: MIT
// Which processes live, as /proc has it and without the product's own finder: what that one overlooks, a test
// that used it would overlook too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

struct seen_process {
    pid_t pid = 0;
    pid_t parent = 0;
    char state = 'X';
    long threads = 0;
    unsigned long long start_time = 0;

    /// A zombie does not; one whose other threads go on after its first thread has ended does.
    bool lives() const noexcept { return (state != 'Z' && state != 'X') || threads > 1; }
};

std::optional<seen_process> look_at(pid_t pid);
std::vector<seen_process> living_processes();
/// Those below `root`, without itself, however many parents are between.
std::vector<seen_process> living_below(pid_t root);
/// Those which any thread says to have a variable `NAME=value` as this text has it, or a word of the command
/// line that contains it. A process whose first thread has ended says so in its other threads alone.
std::vector<pid_t> living_with(std::string_view text);

bool is_keeper(pid_t pid);
/// Its number, state, age, parent, and command line, or its name where it has none.
std::string describe(pid_t pid);

/// The namespaces it is in, by kind (`mnt`, `pid`, ...): where they can be seen.
std::map<std::string, std::string> namespaces_of(pid_t pid);

} // namespace gestvenv::faults
