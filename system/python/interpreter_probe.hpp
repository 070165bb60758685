// SPDX-License-Identifier: MIT
// Asks an interpreter what it is and what its `venv` makes, in one process, once per interpreter: describes
// that process and reads what it printed. Starts nothing itself. The answer is kept in interpreter_cache.hpp.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/tool_command.hpp"

#include <chrono>
#include <filesystem>
#include <string_view>

namespace gestvenv::python {

/// A probe takes 60 to 300 ms; past this one it hangs (a shim, a network drive) and should be killed.
inline constexpr std::chrono::seconds probe_deadline{20};

/// The process that probes `executable` (absolute). Its working folder must be an empty scratch folder of at
/// least 1 MB that the process may write: it makes its sample environments there and removes them. Works on
/// Python 3.6 and newer. What it prints stays below 1 MB.
tool_command probe_command(const std::filesystem::path& executable);

/// Reads what the probe wrote to standard output. `executable` is what was probed, for the messages.
/// Errors: creation_failed when there is no answer in it (the interpreter is broken; `standard_error`'s last
/// line is quoted), when it is older than 3.6, has no `venv` module, or makes files this program cannot
/// reproduce.
outcome<interpreter> parse_probe(const std::filesystem::path& executable, std::string_view standard_output,
                                 std::string_view standard_error = {});

} // namespace gestvenv::python
