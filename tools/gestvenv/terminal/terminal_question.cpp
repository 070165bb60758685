// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/terminal_question.hpp"

#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

/// More than a terminal has room for in a line (termios(3)).
constexpr std::size_t longest_line = 4096;

std::string without_blanks(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return std::string{line.substr(begin, line.find_last_not_of(blanks) + 1 - begin)};
}

/// A terminal gives a line at a time. Nothing: the input has ended, or `interruption` is readable.
std::optional<std::string> read_line(int interruption) {
    std::array<char, longest_line> line{};
    for (;;) {
        std::array<pollfd, 2> items{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{interruption, POLLIN, 0}};
        if (::poll(items.data(), items.size(), -1) < 0) {
            if (errno == EINTR)
                continue;
            return std::nullopt;
        }
        if (items[1].revents != 0)
            return std::nullopt;
        const auto size = ::read(STDIN_FILENO, line.data(), line.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (size <= 0)
            return std::nullopt;
        return without_blanks({line.data(), static_cast<std::size_t>(size)});
    }
}

} // namespace

bool can_ask() noexcept {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

std::optional<std::string> ask(std::string_view question, const std::stop_token& interrupted) {
    const descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    const std::stop_callback waking{interrupted, [&wake] {
                                        const std::uint64_t one = 1;
                                        // It is 0 before: there is room.
                                        static_cast<void>(::write(wake.get(), &one, sizeof one));
                                    }};
    if (!write_all(STDERR_FILENO, question))
        return std::nullopt;
    auto answer = read_line(wake.get());
    if (!answer && !interrupted.stop_requested()) // the cursor stands behind the question
        static_cast<void>(write_all(STDERR_FILENO, "\n"));
    return answer;
}

decision decide(std::string_view question, const std::stop_token& interrupted) {
    for (;;) {
        const auto answer = ask(std::string{question} + " [y/N] ", interrupted);
        if (!answer || *answer == "q" || *answer == "Q")
            return decision::stop;
        if (answer->empty() || *answer == "n" || *answer == "N" || *answer == "no")
            return decision::no;
        if (*answer == "y" || *answer == "Y" || *answer == "yes")
            return decision::yes;
        if (*answer == "a" || *answer == "A")
            return decision::yes_to_all;
        static_cast<void>(write_all(STDERR_FILENO, std::string{decision_keys} + "\n"));
    }
}

} // namespace gestvenv::cli
