// SPDX-License-Identifier: MIT
// Output that was kept until the command's end, now shown.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/operation_result.hpp>

#include <filesystem>

namespace gestvenv::cli {

/// Writes both streams of a result to those of this program, and warns where some of it was cut. What was
/// spilled is read from the environment's `output` folder, without following a link that a command may have
/// put there; `environment` is its folder as the host sees it. A reader that has gone away is no error.
outcome<void> show_output(const operation_result& result, const std::filesystem::path& environment);

} // namespace gestvenv::cli
