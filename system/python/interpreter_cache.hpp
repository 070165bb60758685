// SPDX-License-Identifier: MIT
// Keeps what probes found out, so that an interpreter is started once and not again until it changes.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/search_context.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace gestvenv::python {

/// What identifies an interpreter's file: any change of it makes a new key.
struct interpreter_key {
    std::filesystem::path path;
    /// What `path` is after all links.
    std::filesystem::path target;
    /// Of the target, in bytes.
    std::uint64_t size = 0;
    /// Of the target, in nanoseconds since 1970.
    std::int64_t modified_ns = 0;
    /// Of the link itself, in nanoseconds since 1970; that of the target where `path` is no link.
    std::int64_t link_modified_ns = 0;

    friend bool operator==(const interpreter_key&, const interpreter_key&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, interpreter_key& x) {
    return f.object(x).fields(path_field(f, "path", x.path), path_field(f, "target", x.target),
                              f.field("size", x.size), f.field("modified_ns", x.modified_ns),
                              f.field("link_modified_ns", x.link_modified_ns));
}

/// The key of an executable; interpreter_not_found when there is no such file, permission_denied when it
/// cannot be looked at.
outcome<interpreter_key> key_of(const std::filesystem::path& executable);

/// Whether the file is still the one the key was made of, without following its links one by one.
bool is_current(const interpreter_key& key) noexcept;

/// JSON files in one folder, one per interpreter. Safe to use from several threads and processes at once: a
/// file is written beside its place and renamed onto it.
class interpreter_cache {
public:
    /// Nothing is created before the first store().
    explicit interpreter_cache(std::filesystem::path folder) : folder_{std::move(folder)} {}

    /// What is known of `key`; nothing for an unknown, an outdated, an unreadable or a damaged entry.
    std::optional<interpreter> load(const interpreter_key& key) const;
    /// Errors: storage_full, permission_denied, system_failure. A cache that cannot be written costs the next
    /// start a probe; it need not stop an attacker.
    outcome<void> store(const interpreter_key& key, const interpreter& value) const;

private:
    std::filesystem::path folder_;
};

/// `${XDG_CACHE_HOME:-~/.cache}/gestvenv/interpreters`.
std::filesystem::path default_interpreter_cache_folder(const search_context& context);

} // namespace gestvenv::python
