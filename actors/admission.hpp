// SPDX-License-Identifier: MIT
// The global limits: what each environment has reserved of them. A plain table; its owner, the supervisor,
// handles one message at a time, which makes a reservation one step.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/enumerations.hpp>
#include <gestvenv/resource_limits.hpp>
#include <gestvenv/runtime_config.hpp>

#include <map>
#include <string>

namespace gestvenv {

/// What one environment reserves. Storage in RAM counts as memory.
struct reservation {
    megabytes memory;
    megabytes disk;
};

/// `storage` is the backend in force, `spec` names the limits; what it leaves open reserves the documented
/// defaults.
reservation reservation_for(const resource_limits& limits, storage_backend storage);

class admission {
public:
    explicit admission(const runtime_config& config) : config_(config) {}

    /// New limits; what is held already stays held, even above them.
    void set_limits(const runtime_config& config) { config_ = config; }
    /// Whether it could be reserved if nothing else were held; `resources_exhausted` otherwise.
    outcome<void> check_possible(reservation wanted) const;

    /// Reserves or changes nothing: `resources_exhausted` says which limit, how much was asked, what holds
    /// it.
    outcome<void> reserve(const std::string& id, reservation wanted);
    /// Gives back what `id` holds; false when it holds nothing.
    bool release(const std::string& id);

    std::size_t count() const noexcept { return held_.size(); }
    reservation total() const noexcept { return total_; }

private:
    runtime_config config_;
    std::map<std::string, reservation> held_;
    reservation total_;
};

} // namespace gestvenv
