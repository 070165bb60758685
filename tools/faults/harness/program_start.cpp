// SPDX-License-Identifier: MIT
#include "tools/faults/harness/program_start.hpp"

#include <sys/prctl.h>

#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace gestvenv::faults {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

pid_t start_program(std::vector<std::string> words, std::vector<std::string> variables,
                    const std::filesystem::path& said, int ready) {
    const auto arguments = pointers_to(words);
    const auto environment = pointers_to(variables);
    const auto pid = ::fork();
    if (pid < 0)
        throw std::runtime_error{"cannot fork"};
    if (pid > 0)
        return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    ::dup2(::open(said.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDOUT_FILENO);
    ::dup2(STDOUT_FILENO, STDERR_FILENO);
    if (ready >= 0)
        ::dup2(ready, ready_number);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(91);
}

} // namespace gestvenv::faults
