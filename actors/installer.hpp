// SPDX-License-Identifier: MIT
// Runs package backends inside environments: confined like any command, with the caller's index and
// certificate settings, a bounded number at a time per backend.
#pragma once

#include "actors/services.hpp"
#include "actors/supervision/restart_backoff.hpp"
#include "system/python/backends/backend.hpp"
#include "system/tracing/span.hpp"

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class installer_state {
public:
    using pointer = installer_actor::pointer;

    /// Installations of one backend at a time; each keeps a core and the network busy.
    static constexpr int most_per_backend = 4;
    /// Of one installation, when it is the network that fails.
    static constexpr int most_attempts = 3;
    static constexpr backoff_settings retry_pauses{
        .base = std::chrono::seconds{1}, .factor = 2, .cap = std::chrono::seconds{60}, .jitter = 0.1};

    /// Each attempt is a command of its own, under a number made of that of the task; attempts count from 1.
    static constexpr std::uint64_t command_of(std::uint64_t task, int attempt) noexcept {
        return task + (static_cast<std::uint64_t>(attempt - 1) << 32);
    }

    installer_state(pointer self, std::shared_ptr<const services> shared);
    installer_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.installer";

private:
    struct work {
        package_job job;
        caf::typed_response_promise<install_result> done;
        int attempts = 0;
        /// What has to be in the environment afterwards.
        std::vector<std::string> wanted;
        /// What the caller should know of how it is done.
        std::vector<std::string> notes;
        /// Of all attempts together; waiting for a turn does not count.
        std::chrono::steady_clock::time_point deadline;
        std::chrono::steady_clock::time_point waits_since;
        restart_backoff pauses{retry_pauses};
        std::optional<request_origin> origin;
        span turn;
        span process;
    };

    static span step(const work& item, std::string_view what);
    void wait_for_turn(work item, bool first);
    void next(backend kind);
    void start(work item);
    void finish(work item, bool timed_out, outcome<operation_result> result);
    void retry(work item, const error& reason);
    static void refuse(const work& item, error reason);

    pointer self_;
    std::shared_ptr<const services> shared_;
    std::map<backend, std::deque<work>> waiting_;
    std::map<backend, int> running_;
};

installer_actor spawn_installer(caf::actor_system& system, std::shared_ptr<const services> shared);

} // namespace gestvenv
