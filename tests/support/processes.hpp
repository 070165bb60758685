// SPDX-License-Identifier: MIT
// Which processes of a test are still there, found by a word in their command line that no other has.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::test {

/// A word that no other process has, for a command line: `sleep 1000.<word>` is easy to find again.
std::string unique_number();

/// Living processes whose command line contains `word`. A zombie does not count, unless threads of it live.
std::vector<pid_t> processes_with(const std::string& word);

/// Waits until there are exactly `count` of them; false when `limit` passes first.
bool wait_for_processes(const std::string& word, std::size_t count,
                        std::chrono::milliseconds limit = std::chrono::seconds{10});

} // namespace gestvenv::test
