// SPDX-License-Identifier: MIT
// Processes as they may be shown: without the secrets that command lines carry.
#pragma once

#include "system/process/protocol.hpp"

#include <gestvenv/process_info.hpp>

#include <string>
#include <string_view>

namespace gestvenv {

/// `arguments` with a zero byte behind each, as one line: quoted, without secrets and control characters, in UTF-8, and
/// cut at `process_list::longest_command_line`. What follows an option that names a secret (`--password`) is one too.
std::string shown_arguments(std::string_view arguments);

process_list shown_processes(protocol::listed found);

} // namespace gestvenv
