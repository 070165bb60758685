// SPDX-License-Identifier: MIT
// How often a caller asks a command to end before it is ended at once.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <sys/types.h>

namespace gestvenv::cli {

/// The first SIGINT and the first SIGTERM are the command's to handle, for as long as it takes; the third
/// SIGINT within two seconds, or a second SIGTERM, is a caller who does not want to wait.
class signal_patience {
public:
    using clock = std::chrono::steady_clock;

    /// Notes a signal by this process (0: by the terminal). True: that was one too many.
    bool exceeded_by(int signal, pid_t sender, clock::time_point now);

private:
    struct request {
        pid_t sender = 0;
        clock::time_point when;
    };

    /// One request that was sent twice.
    static bool repeats(const request& last, pid_t sender, clock::time_point now,
                        std::chrono::milliseconds window);

    std::optional<request> termination_;
    std::deque<request> interrupts_;
};

} // namespace gestvenv::cli
