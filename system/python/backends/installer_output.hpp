// SPDX-License-Identifier: MIT
// What the backends share in reading what an installer printed: a message of 60 lines becomes one that helps.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/backends/backend.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// The lines of a text, without colours (ANSI escapes) and without the spaces at their ends. At most the last
/// 10,000.
std::vector<std::string> lines_of(std::string_view text);

/// `line` without spaces and the marks (`×`, `│`, `╰─▶`, `├─▶`, `╰─>`) that uv and pip draw before it.
std::string_view without_marks(std::string_view line);

/// What a backend made of its installer's words.
struct failure_summary {
    /// One sentence, or a few; empty where nothing was understood.
    std::string message;
    /// The installer's own advice, if it gave any.
    std::string hint;
    /// What a build that failed has printed; the last lines are shown.
    std::vector<std::string> build_output = {};
};

/// A report of a failure: the summary without secrets, cut to 600 characters, with a hint. Where the summary
/// is empty, the last line printed, else the exit status; then the last ten lines of a build. Finds out from
/// all that was printed whether the storage was full (storage_full) or the network failed
/// (`network_trouble`).
backend_report failed(std::string_view backend_name, const tool_result& result, failure_summary summary);

} // namespace gestvenv::python
