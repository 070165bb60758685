// SPDX-License-Identifier: MIT
// A journal whose file is damaged: what can be read is carried over into a new one, the rest is set aside.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace gestvenv {

struct journal_damage {
    /// Where the damaged file lies now, its write-ahead log (if any) beside it as `-wal`.
    std::filesystem::path set_aside;
    /// What was wrong with it.
    std::string what;
    /// What could be read of it, and is in the new journal.
    std::size_t resources = 0;
    std::size_t environments = 0;
};

/// Replaces the damaged journal at `path`. Resources that only stood in its unreadable part are not known to
/// any journal afterwards: storage roots must be scanned for marked folders.
outcome<journal_damage> replace_damaged_journal(const std::filesystem::path& path, std::string what);

} // namespace gestvenv
