// SPDX-License-Identifier: MIT
// How the word before the cursor may go on in a console.
#pragma once

#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/console/line_editor.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

struct completion_sources {
    /// The packages of an environment; of the one that is used, for an empty name. Asked for when they are wanted.
    std::function<std::vector<std::string>(const std::string& environment)> packages;
    /// Whether commands that are about an environment may leave its name out.
    bool has_current = false;
};

/// As the shells' completion does it (tools/gestvenv/completion/word_completion.hpp), and what is a console's beside that. A word with
/// quotes in it is left as it is.
line_completions complete_line(const command& commands, const completion_sources& sources,
                               std::string_view typed);

} // namespace gestvenv::cli
