// SPDX-License-Identifier: MIT
// Runs the whole command line while a system call of it, of its launcher, of its keepers and of its installer
// fails, as strace(1) makes it, and looks for what must not come of that.
#pragma once

#include "tools/faults/harness/rig.hpp"
#include "tools/faults/harness/syscall_draw.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

struct syscall_report {
    /// How often the call failed; 0: the run did not reach that one.
    std::size_t injected = 0;
    /// A hang, a crash, a failure without a word, something that is left: one sentence each.
    std::vector<std::string> faults;
    /// What the program said.
    std::string said;
};

class syscall_rig : private rig {
public:
    /// `bin` is the folder with the program and its launcher. Throws std::runtime_error, also where there is
    /// no strace.
    syscall_rig(const programs& built, const std::filesystem::path& bin, const std::filesystem::path& place);

    syscall_report run(const syscall_cycle& what);

private:
    struct ending {
        int status = 0;
        bool hung = false;
    };
    std::filesystem::path home_of(const syscall_cycle& what) const;
    std::vector<std::string> command_of(const syscall_cycle& what) const;
    ending play(const syscall_cycle& what, std::vector<std::string> words, syscall_report& report) const;
    void judge(const ending& how, syscall_report& report) const;
    void look_for_what_is_left(const syscall_cycle& what, syscall_report& report) const;

    std::filesystem::path program_;
};

} // namespace gestvenv::faults
