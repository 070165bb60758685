// SPDX-License-Identifier: MIT
// A lock file's descriptor that does not outlive its process in a forked copy.
//
// A lock of flock(2) lasts as long as any copy of its descriptor. A host program that forks without exec
// would keep the lock of a runtime that has died for as long as its child lives; close-on-exec does not help
// there.
#pragma once

#include "system/posix/descriptor.hpp"

#include <sys/types.h>

namespace gestvenv {

/// Owns a descriptor that fork(2) closes in the child (pthread_atfork(3)). Children made by clone(2) itself,
/// such as the launcher's first moment, keep theirs. Destroying the copy in a forked child does nothing.
class forked_lock {
public:
    forked_lock() = default;
    explicit forked_lock(descriptor lock);
    forked_lock(forked_lock&& other) noexcept;
    forked_lock& operator=(forked_lock&& other) noexcept;
    ~forked_lock();

    explicit operator bool() const noexcept { return static_cast<bool>(lock_); }
    int get() const noexcept { return lock_.get(); }
    void reset() noexcept;

private:
    descriptor lock_;
    pid_t owner_ = -1;
};

} // namespace gestvenv
