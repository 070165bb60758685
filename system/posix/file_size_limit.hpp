// SPDX-License-Identifier: MIT
// The limit of a file's size that a calling shell may have set (`ulimit -f`): for commands, not for us, whose
// journal would break by it.
#pragma once

#include <sys/resource.h>

#include <optional>

namespace gestvenv {

/// Takes the calling process's own limit away as far as it may. Returns what it was.
rlimit lift_file_size_limit() noexcept;

/// For a program of ours that has lifted its own: what commands get of all launchers that it starts later.
void pass_file_size_limit_on(const rlimit& limit) noexcept;
std::optional<rlimit> file_size_limit_to_pass_on() noexcept;

} // namespace gestvenv
