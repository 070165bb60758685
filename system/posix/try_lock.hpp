// SPDX-License-Identifier: MIT
// flock(2) without waiting.
#pragma once

#include <sys/file.h>

#include <cerrno>

namespace gestvenv {

/// `how`: LOCK_SH or LOCK_EX. False with errno, EWOULDBLOCK where another holds it. Some file systems are
/// interrupted by a signal even so.
inline bool try_lock(int number, int how) noexcept {
    while (::flock(number, how | LOCK_NB) != 0)
        if (errno != EINTR)
            return false;
    return true;
}

} // namespace gestvenv
