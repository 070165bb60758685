// SPDX-License-Identifier: MIT
// What may stand at the cursor of an unfinished command line, from the list of commands.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::cli {

struct suggestion {
    /// The whole word.
    std::string word;
    /// What it is; may be empty.
    std::string description;
};

struct completion {
    enum class kind : std::uint8_t {
        words,   ///< one of `suggestions`; there may be none
        files,   ///< a path, or one of `suggestions`
        folders, ///< a path of a folder
        command, ///< another program's command line
    };

    kind what = kind::words;
    std::vector<suggestion> suggestions;
    /// files, folders: so many bytes of the word stand before the path, as `--receipt=` does. command: the place of its
    /// first word.
    std::size_t at = 0;
};

/// `words` stand behind the program's name and before the cursor; the last is the one that is being written, up to the
/// cursor, and may be empty. Takes any words: what is wrong before the cursor is no matter of what may follow.
completion complete_words(const command& program, const std::vector<std::string>& words);

/// As scripts of shells read it: a line with the kind and `at`, then a line for each suggestion, with a tabulator before
/// its description.
std::string completion_text(const completion& what);

} // namespace gestvenv::cli
