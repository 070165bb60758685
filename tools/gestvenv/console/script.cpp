// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/script.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/console/line_words.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

outcome<script_source> script_source::of_file(const std::string& path) {
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file)
        return failure(error_code::invalid_argument,
                       fmt::format("cannot open {}: {}", shown(path), std::strerror(errno)),
                       "gestvenv console FILE runs the commands in a file");
    const int number = file.get();
    return script_source{path, std::move(file), number, {}};
}

script_source script_source::of_standard_input() {
    return {"standard input", descriptor{}, STDIN_FILENO, {}};
}

script_source script_source::of_text(std::string text) {
    return {"-c", descriptor{}, -1, std::move(text)};
}

outcome<bool> script_source::read_more(console_signals& signals) {
    if (number_ < 0)
        return false;
    std::array<pollfd, 2> ready{pollfd{number_, POLLIN, 0}, pollfd{signals.descriptor(), POLLIN, 0}};
    std::array<char, 4096> piece{};
    const std::size_t most = number_ == STDIN_FILENO ? 1 : piece.size();
    for (;;) {
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
            return system_failure(errno, "poll");
        while (const auto event = signals.next_event())
            if (*event == reading_event::end || *event == reading_event::interrupt)
                return false;
        if (ready[0].revents == 0)
            continue;
        const auto count = ::read(number_, piece.data(), most);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (count < 0)
            return system_failure(errno, fmt::format("cannot read {}", name_));
        text_.append(piece.data(), static_cast<std::size_t>(count));
        return count > 0;
    }
}

outcome<std::optional<std::string>> script_source::next(console_signals& signals) {
    for (;;) {
        const auto end = text_.find('\n', begin_);
        if (end != std::string::npos) {
            auto line = text_.substr(begin_, end - begin_);
            begin_ = end + 1;
            if (line.ends_with('\r'))
                line.pop_back();
            return line;
        }
        text_.erase(0, std::exchange(begin_, 0));
        if (text_.size() > longest_line)
            return failure(error_code::invalid_argument,
                           fmt::format("{} has a line of more than {} bytes", name_, longest_line));
        auto more = read_more(signals);
        if (!more)
            return failure(std::move(more).error());
        if (*more)
            continue;
        if (text_.empty() || signals.told_to_end() != 0)
            return std::nullopt;
        return std::exchange(text_, {});
    }
}

int run_script(console& with, script_source source, bool keeps_going) {
    int failed = 0;
    std::size_t number = 0;
    std::size_t first = 1;
    std::string text;
    while (!with.ended() && with.signals().told_to_end() == 0) {
        auto line = source.next(with.signals());
        if (!line) {
            print_error(line.error());
            return exit_status::internal_error;
        }
        if (!*line && text.empty())
            break;
        if (*line) {
            if (++number == 1 && (*line)->starts_with("\xef\xbb\xbf"))
                (*line)->erase(0, 3); // a byte order mark
            if (text.empty())
                first = number;
            text += **line;
            if (is_unfinished(text)) {
                text += '\n';
                continue;
            }
        }
        const auto whole = std::exchange(text, {});
        const auto status = with.run_text(whole);
        if (status == 0 || with.ended())
            continue;
        failed = status;
        print_log(fmt::format("{}:{}: ended with status {}", source.name(), first, status));
        if (!keeps_going || status == exit_status::interrupted)
            break;
    }
    return with.ended().value_or(failed);
}

} // namespace gestvenv::cli
