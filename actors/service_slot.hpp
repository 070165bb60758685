// SPDX-License-Identifier: MIT
// Where the others find a service that may be started again while they run.
#pragma once

#include <mutex>
#include <utility>

namespace gestvenv {

/// Holds the handle of the service's present actor. Thread-safe.
template <class Handle>
class service_slot {
public:
    Handle operator()() const {
        std::scoped_lock lock{mutex_};
        return handle_;
    }
    void set(Handle handle) {
        std::scoped_lock lock{mutex_};
        std::swap(handle_, handle);
    }

private:
    mutable std::mutex mutex_;
    Handle handle_;
};

} // namespace gestvenv
