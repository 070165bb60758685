// SPDX-License-Identifier: MIT
// One resource that outlives a crash, as the journal keeps it. What the kinds are, and what each one's
// `detail` means, stands in resource_kinds.hpp.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// Names one intent for good: never given again by the same journal, not even after a restart.
enum class resource_id : std::int64_t {};

/// A resource about to be made; `to_record` makes one of a typed value. `detail` is an object with all that
/// undoing it takes; it never holds a secret.
struct resource_record {
    std::string kind;
    nlohmann::json detail = nlohmann::json::object();
};

/// A resource that may exist: intended, and not proven gone.
struct unfinished_resource {
    resource_id id{};
    /// Empty: it belongs to the runtime as a whole.
    std::string environment_id;
    /// As it was written, by whichever version: perhaps one that knew more kinds than this.
    std::string kind;
    nlohmann::json detail;
    /// The boot of the machine (/proc/sys/kernel/random/boot_id, random(4)) during which it was intended.
    /// After another boot a process id in `detail` means nothing, and whatever lives in memory is gone.
    std::string boot_id;
    std::chrono::system_clock::time_point intended_at;
};

/// Whether some version may have called a kind so: lower-case letters, digits and `_`, at most 64 of them.
/// What else stands in its place is damage.
bool is_kind_name(std::string_view text) noexcept;

} // namespace gestvenv
