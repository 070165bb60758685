// SPDX-License-Identifier: MIT
// A line typed on a terminal, edited by libedit.
#pragma once

#include "tools/gestvenv/console/console_signals.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// How the word before the cursor may go on.
struct line_completions {
    /// Whole words, each beginning with what is there.
    std::vector<std::string> words;
    /// Of what is there.
    std::size_t typed = 0;
};

/// One at a time, on the thread that made it. Standard input and output are the terminal.
class line_editor {
public:
    using completer = std::function<line_completions(std::string_view before_cursor)>;

    enum class kind {
        line,
        interrupted, ///< by Ctrl-C
        end,         ///< by Ctrl-D on an empty line, or no more may be read
    };
    struct result {
        kind what = kind::end;
        std::string text;
    };

    line_editor(console_signals& signals, completer complete);
    line_editor(const line_editor&) = delete;
    line_editor& operator=(const line_editor&) = delete;
    ~line_editor();

    /// The prompt is shown in bold where colours are wanted.
    result read(const std::string& prompt);
    /// Lines that were pasted, and have not been read yet, are not.
    void drop_pasted();
    /// Lines that the arrow keys and Ctrl-R find.
    void remember(const std::string& line);
    void forget_all();

private:
    struct implementation;
    std::unique_ptr<implementation> inside_;
};

/// Whether standard output is a terminal that shows colours, and the user has not asked for none (NO_COLOR).
bool colours_are_wanted();

} // namespace gestvenv::cli
