// SPDX-License-Identifier: MIT
#include "system/posix/file_size_limit.hpp"

namespace gestvenv {

namespace {

// Written before there is a second thread.
std::optional<rlimit> passed_on;

} // namespace

rlimit lift_file_size_limit() noexcept {
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    if (before.rlim_cur == RLIM_INFINITY || ::setrlimit(RLIMIT_FSIZE, &none) == 0)
        return before;
    // The hard limit is for root alone to raise.
    const rlimit raised{before.rlim_max, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &raised);
    return before;
}

void pass_file_size_limit_on(const rlimit& limit) noexcept {
    passed_on = limit;
}

std::optional<rlimit> file_size_limit_to_pass_on() noexcept {
    return passed_on;
}

} // namespace gestvenv
