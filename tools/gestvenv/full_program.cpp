// SPDX-License-Identifier: MIT
#include "tools/gestvenv/full_program.hpp"

#include "net/tls/built_in.hpp"
#include "system/posix/file_size_limit.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/time_slice.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

outcome<std::filesystem::path> full_program() {
    std::error_code problem;
    auto own = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (problem)
        return system_failure(problem.value(), "cannot find this program's file");
    if (has_encryption())
        return own;
    auto full = own.parent_path() / "gestvenv-node";
    if (::access(full.c_str(), X_OK) != 0)
        return failure(error_code::node_unreachable,
                       fmt::format("{} is missing, which is the node's program", full.string()),
                       "install all programs of GestVenv in one folder");
    return full;
}

// Nothing has changed them since the start.
std::vector<std::string> words_of_this_process() {
    std::ifstream file{"/proc/self/cmdline", std::ios::binary};
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');)
        words.push_back(std::move(word));
    if (!words.empty())
        words.erase(words.begin());
    return words;
}

outcome<void> go_on_in_full_program(const std::vector<std::string>& words) {
    if (has_encryption())
        return {};
    auto program = full_program();
    if (!program)
        return failure(std::move(program).error());
    std::string name = "gestvenv";
    auto kept = words;
    std::vector<char*> arguments{name.data()};
    for (auto& word : kept)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // As all was when this program was started; the next one changes it itself.
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_DFL);
    if (const auto limit = file_size_limit_to_pass_on())
        ::setrlimit(RLIMIT_FSIZE, &*limit);
    const original_time_slice as_before;
    ::execv(program->c_str(), arguments.data());
    return system_failure(errno, fmt::format("cannot start {}", program->string()));
}

} // namespace gestvenv::cli
