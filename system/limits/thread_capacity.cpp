// SPDX-License-Identifier: MIT
#include "system/limits/thread_capacity.hpp"

#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

namespace gestvenv {

error thread_failure(int error_number) {
    auto reason = start_failure(error_number, "cannot start a thread").value();
    // The C library asks with clone3(2), and goes on with clone(2) after ENOSYS alone.
    if (error_number == EPERM)
        reason.hint =
            "a filter answers clone3 with EPERM, where no program can start threads: it has to answer "
            "ENOSYS, as those of docker 20.10.10, containerd 1.5.6 and libseccomp 2.5.2 or newer do; or "
            "start the container with --security-opt seccomp=unconfined";
    return reason;
}

outcome<void> check_thread_capacity(unsigned count) {
    std::latch go_on{1};
    std::vector<std::jthread> threads;
    threads.reserve(count);
    int problem = 0;
    try {
        while (threads.size() < count)
            threads.emplace_back([&go_on] { go_on.wait(); });
    } catch (const std::system_error& refused) {
        problem = refused.code().value();
    }
    go_on.count_down();
    threads.clear();
    if (problem != 0)
        return failure(thread_failure(problem));
    return {};
}

} // namespace gestvenv
