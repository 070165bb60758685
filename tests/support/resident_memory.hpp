// SPDX-License-Identifier: MIT
// How much memory this process uses.
#pragma once

#include <fstream>
#include <unistd.h>

namespace gestvenv::test {

/// Kilobytes of memory of this process that are in use (proc_pid_statm(5)).
inline long resident_kilobytes() {
    std::ifstream statm{"/proc/self/statm"};
    long pages = 0;
    long resident = 0;
    statm >> pages >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

} // namespace gestvenv::test
