// SPDX-License-Identifier: MIT
// Which step of an environment's life may follow which. The only place that says so.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/enumerations.hpp>

namespace gestvenv {

/// `pending -> creating -> ready <-> running -> cleaning_up -> destroyed`, `failed` from any of the first
/// four, and from each of those five straight to `cleaning_up`. Nothing leaves `destroyed`.
bool is_legal(environment_status from, environment_status to) noexcept;

/// The state of one environment; an illegal transition changes nothing and is an `illegal_transition` error.
class environment_lifecycle {
public:
    environment_status now() const noexcept { return now_; }
    outcome<void> go(environment_status to);

private:
    environment_status now_ = environment_status::pending;
};

} // namespace gestvenv
