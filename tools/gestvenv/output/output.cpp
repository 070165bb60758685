// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/output.hpp"

#include "messages/text_encoding.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <poll.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

// Together three seconds. A terminal may have room for a character, but not for a line's end.
constexpr int most_refusals = 300;
constexpr int refusal_pause = 10; // milliseconds

/// Text without control characters other than those that shape lines, and without the ANSI sequences they
/// begin.
std::string printable(std::string_view text) {
    auto valid = replace_invalid_utf8(text);
    std::string result;
    for (std::size_t index = 0; index < valid.size(); ++index) {
        auto byte = static_cast<unsigned char>(valid[index]);
        if (byte == 0x1B && index + 1 < valid.size() && valid[index + 1] == '[') {
            // ECMA-48: parameters and intermediates, then one final byte of 0x40 to 0x7E.
            index += 2;
            while (index < valid.size() && (valid[index] < 0x40 || valid[index] > 0x7E))
                ++index;
            continue;
        }
        if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t')
            result += valid[index];
    }
    return result;
}

/// The words of the command line, and what a console says in their place.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> calls_about_all{{
    {"gestvenv config", "config"},
    {"gestvenv doctor", "doctor"},
    {"gestvenv node", "node"},
    {"gestvenv token", "token"},
}};

std::atomic<console_kind>& present_console() {
    static std::atomic<console_kind> value{console_kind::none};
    return value;
}

void replace_all(std::string& text, std::string_view words, std::string_view here) {
    for (auto place = text.find(words); place != std::string::npos; place = text.find(words, place))
        text.replace(place, words.size(), here);
}

/// To standard error. There is nowhere left to report that it cannot be written; the exit status tells.
void say(const std::string& text) {
    if (!terminal_is_raw() || ::isatty(STDERR_FILENO) != 1)
        return static_cast<void>(write_all(STDERR_FILENO, text));
    std::string lines;
    for (char byte : text) {
        if (byte == '\n')
            lines += '\r';
        lines += byte;
    }
    static_cast<void>(write_all(STDERR_FILENO, lines));
}

} // namespace

void call_as_in(console_kind where) {
    present_console() = where;
}

std::string as_called(std::string_view text) {
    std::string result{text};
    const console_kind where = present_console();
    if (where != console_kind::none)
        replace_all(result, "gestvenv ephemeral ", "");
    if (where == console_kind::about_all)
        for (const auto& [words, here] : calls_about_all)
            replace_all(result, words, here);
    return result;
}

bool write_all(int descriptor, std::string_view text) noexcept {
    int refused = 0;
    while (!text.empty()) {
        auto written = ::write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
            refused = 0;
        } else if (errno == EAGAIN) {
            if (refused >= most_refusals)
                return false;
            // Another program that shares the terminal or pipe with us may have made it non-blocking. A slow
            // reader is waited for; what cannot be written although there is room is given up in the end.
            pollfd room{descriptor, POLLOUT, 0};
            if (::poll(&room, 1, 0) == 0) {
                ::poll(&room, 1, -1);
                refused = 0;
            } else {
                ++refused;
                ::poll(nullptr, 0, refusal_pause);
            }
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

int print(std::string_view text) {
    if (write_all(STDOUT_FILENO, text) || errno == EPIPE)
        return 0;
    auto why = std::generic_category().message(errno);
    print_error(error{error_code::system_failure, "cannot write to standard output: " + why, {}, {}});
    return exit_status::internal_error;
}

void print_error(const error& value) {
    say(as_called(printable(render(value))) + "\n");
}

void print_warning(std::string_view text) {
    say(fmt::format("warning: {}\n", as_called(printable(text))));
}

void print_log(std::string_view line) {
    say(fmt::format("gestvenv: {}\n", printable(line)));
}

} // namespace gestvenv::cli
