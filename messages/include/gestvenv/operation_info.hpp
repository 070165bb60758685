// SPDX-License-Identifier: MIT
// Something that a node does for a client, from its beginning to what came of it.
#pragma once

#include <gestvenv/environment_info.hpp>
#include <gestvenv/error.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// The numeric values are part of the wire format: append only.
enum class operation_kind : std::uint8_t { create, execute, install, uninstall };

enum class operation_status : std::uint8_t {
    running,
    succeeded, ///< a command has ended, whatever its exit status
    failed,
    cancelled, ///< by a request, or because its client has gone
};

std::string_view to_string(operation_kind value) noexcept;
bool from_string(std::string_view text, operation_kind& value) noexcept;
std::string_view to_string(operation_status value) noexcept;
bool from_string(std::string_view text, operation_status& value) noexcept;

/// A snapshot of one operation.
struct operation_info {
    /// A random UUID.
    std::string id;
    operation_kind kind = operation_kind::execute;
    operation_status status = operation_status::running;
    /// The environment as it was named by the client; once it is known, its id.
    std::string environment;
    std::chrono::system_clock::time_point started_at;
    std::optional<std::chrono::system_clock::time_point> finished_at;
    /// What came of it, by its kind; unset while it runs and where it failed.
    std::optional<environment_info> made;
    std::optional<operation_result> result;
    std::optional<install_result> packages;
    /// Why it failed or was cancelled.
    std::optional<error> problem;

    friend bool operator==(const operation_info&, const operation_info&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, operation_kind& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, operation_status& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, operation_info& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("kind", x.kind), f.field("status", x.status),
                              f.field("environment", x.environment), f.field("started_at", x.started_at),
                              f.field("finished_at", x.finished_at), f.field("made", x.made),
                              f.field("result", x.result), f.field("packages", x.packages),
                              f.field("problem", x.problem));
}

} // namespace gestvenv
