// SPDX-License-Identifier: MIT
// A console's commands from a file, a pipe, or a word of the command line.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/console/console.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace gestvenv::cli {

/// Lines one by one.
class script_source {
public:
    /// `path` may be a pipe.
    static outcome<script_source> of_file(const std::string& path);
    /// Read byte by byte, as a shell does: what follows a line is its commands' to read.
    static script_source of_standard_input();
    static script_source of_text(std::string text);

    /// For errors.
    const std::string& name() const noexcept { return name_; }
    /// Without its end; nothing at the end, and where `signals` say that no line is to be read any more. Error: it cannot
    /// be read, or a line is too long.
    outcome<std::optional<std::string>> next(console_signals& signals);

private:
    script_source(std::string name, descriptor file, int number, std::string text)
        : name_(std::move(name)), file_(std::move(file)), number_(number), text_(std::move(text)) {}
    /// Adds what can be read to the text; false at the end.
    outcome<bool> read_more(console_signals& signals);

    static constexpr std::size_t longest_line = std::size_t{1} << 20;

    std::string name_;
    descriptor file_;
    /// -1: there is no more than the text.
    int number_;
    std::string text_;
    std::size_t begin_ = 0;
};

/// Runs all of it, up to the first line that fails; with `keeps_going` past it. Names the line of a failure. Returns the
/// status of the last failure, else 0.
int run_script(console& with, script_source source, bool keeps_going);

} // namespace gestvenv::cli
