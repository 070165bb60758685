// SPDX-License-Identifier: MIT
// The built program as its users start it: words, variables, a folder; and what came of it.
#pragma once

#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::test {

/// Longer than anything here takes on a busy machine; what exceeds it hangs.
inline constexpr std::chrono::seconds patience{120};

struct finished {
    /// The exit status; none when a signal ended the program.
    std::optional<int> status;
    int signal = 0;
    std::string out;
    std::string err;
};

/// How a program is started; what is not said is as for the test itself.
struct surroundings {
    /// Set on top of those of the test.
    std::map<std::string, std::string> variables;
    std::filesystem::path folder;
    /// Used as standard input, output and error where it is not -1.
    int terminal = -1;
};

/// A program that has been started and not yet waited for. The test's end is its end.
class started_program {
public:
    /// Output goes to files in `keep`: no reader is needed, and a process that holds them open delays none.
    started_program(const std::vector<std::string>& words, const surroundings& where,
                    const temporary_folder& keep);
    started_program(const started_program&) = delete;
    started_program& operator=(const started_program&) = delete;
    ~started_program();

    void send(int signal) const;
    pid_t pid() const noexcept { return pid_; }
    /// Fails the test when the program takes longer than `patience`.
    finished wait();
    std::string output_so_far() const;
    /// Waits until there are `count` lines of output.
    void wait_for_lines(std::size_t count) const;

private:
    pid_t pid_ = -1;
    std::filesystem::path out_;
    std::filesystem::path err_;
};

/// A place for one test: a folder for its files, a state folder that no other test shares.
class scene {
public:
    scene();

    const std::filesystem::path& folder() const noexcept { return folder_.path(); }
    surroundings& where() noexcept { return where_; }
    const temporary_folder& output_folder() const noexcept { return folder_; }

    /// Runs `gestvenv WORD...` to its end.
    finished gestvenv(const std::vector<std::string>& words);
    started_program start(const std::vector<std::string>& words);
    /// Runs a line of shell to its end; in it $GESTVENV is the program, and $PIP a pip.
    finished shell(const std::string& line);
    finished run(const std::vector<std::string>& words);

    std::filesystem::path write(const std::string& name, const std::string& content);

private:
    temporary_folder folder_;
    surroundings where_;
};

std::string content_of(const std::filesystem::path& file);

std::vector<std::string> lines_of(const std::string& text);

/// Where the program under test finds uv and pip, unless they are in PATH.
std::filesystem::path tools_folder();

/// Ends the test as skipped when no package index answers at all, and as failed when one does.
[[noreturn]] void needs_index(const finished& failed);

} // namespace gestvenv::test
