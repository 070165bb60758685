// SPDX-License-Identifier: MIT
// How environments ended, for an hour at least, after their runtime and its journal are gone: one file of
// JSON lines for each hour, beside the state folders of all runtimes of a user.
//
// A runtime's own journal has the ends of its environments while it lives; when it ends they come here, and
// so do those that a later start finished. Any number of processes may add and read at the same time: an
// addition is one write to a file opened with O_APPEND (open(2)).
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/boot.hpp"
#include "system/journal/journal_contents.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace gestvenv {

/// Stateless; every function may be called from any thread. It does file input and output.
class ended_archive {
public:
    /// Ends are kept this long, by the time since boot: no change of the wall clock moves it. After a boot,
    /// for as long again.
    static constexpr std::chrono::hours retention{1};
    /// Of one hour's file; when it is reached, the file is kept as the one before, and that one goes.
    static constexpr std::int64_t most_bytes = 16 << 20;

    /// `since_boot` is the clock that ages are told by.
    explicit ended_archive(std::filesystem::path state_root,
                           std::chrono::microseconds (*since_boot)() noexcept = time_since_boot)
        : root_(std::move(state_root)), since_boot_(since_boot) {}

    /// Adds those of `entries` that have an end, and forgets what is too old. `storage_full`,
    /// `permission_denied`, `system_failure`: then some, none or all have been added.
    outcome<void> add(std::span<const environment_entry> entries) const;

    /// All that can be read, oldest first; what is torn or belongs to another user is passed over.
    std::vector<environment_entry> read() const;

private:
    std::int64_t this_hour() const;
    void forget_old() const;

    std::filesystem::path root_;
    std::chrono::microseconds (*since_boot_)() noexcept;
};

} // namespace gestvenv
