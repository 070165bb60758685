// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_screen.hpp"

#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <langinfo.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

// Last: it defines names such as `timeout` as macros, unless told not to.
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

namespace gestvenv::cli {

namespace {

constexpr short pair_of_trouble = 1;
constexpr int escape_key = 27;
/// Milliseconds after Escape in which the rest of a key's sequence comes.
constexpr int escape_delay = 25;

bool wants_colors() {
    const char* no_color = std::getenv("NO_COLOR");
    return no_color == nullptr || *no_color == '\0';
}

attr_t attributes_of(top_style style, bool has_colors) {
    switch (style) {
    case top_style::title:
        return A_BOLD;
    case top_style::chosen:
        return A_REVERSE;
    case top_style::trouble:
        return A_BOLD | (has_colors ? static_cast<attr_t>(COLOR_PAIR(pair_of_trouble)) : A_NORMAL);
    case top_style::plain:
        break;
    }
    return A_NORMAL;
}

/// curses handles signals in its own way, which neither suits several threads nor ends with it: those that it would
/// handle are told to the loop that uses the screen.
class kept_handlers {
public:
    kept_handlers() {
        for (std::size_t index = 0; index < signals.size(); ++index)
            ::sigaction(signals[index], nullptr, &before_[index]);
    }
    kept_handlers(const kept_handlers&) = delete;
    kept_handlers& operator=(const kept_handlers&) = delete;
    ~kept_handlers() {
        for (std::size_t index = 0; index < signals.size(); ++index)
            ::sigaction(signals[index], &before_[index], nullptr);
    }

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    std::array<struct sigaction, signals.size()> before_{};
};

screen* new_screen() {
    const kept_handlers kept;
    return ::newterm(nullptr, stdout, stdin);
}

} // namespace

outcome<std::unique_ptr<top_screen>> top_screen::open() {
    std::setlocale(LC_CTYPE, "");
    const bool is_utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
    auto* handle = new_screen();
    if (handle == nullptr) {
        const char* type = std::getenv("TERM");
        return failure(error_code::system_failure,
                       fmt::format("nothing is known of the terminal {}", shown(type == nullptr ? "" : type)),
                       "set TERM, as in TERM=xterm, or give --once");
    }
    std::unique_ptr<top_screen> opened{new top_screen{handle, is_utf8}};
    ::cbreak();
    ::noecho();
    ::nonl();
    ::curs_set(0);
    ::set_escdelay(escape_delay);
    ::keypad(stdscr, TRUE);
    ::nodelay(stdscr, TRUE);
    if (wants_colors() && ::has_colors() && ::start_color() == OK && ::use_default_colors() == OK)
        opened->has_colors_ = ::init_pair(pair_of_trouble, COLOR_RED, -1) == OK;
    return opened;
}

top_screen::~top_screen() {
    ::endwin();
    ::delscreen(handle_);
}

std::size_t top_screen::lines() const noexcept {
    return static_cast<std::size_t>(std::max(::getmaxy(stdscr), 0));
}

std::size_t top_screen::columns() const noexcept {
    return static_cast<std::size_t>(std::max(::getmaxx(stdscr), 0));
}

void top_screen::put(std::size_t line, std::string_view text, top_style style) {
    if (line >= lines())
        return;
    const auto attributes = attributes_of(style, has_colors_);
    ::wattrset(stdscr, static_cast<int>(attributes));
    ::wmove(stdscr, static_cast<int>(line), 0);
    // One character is one column wide here.
    std::string cut;
    std::size_t width = 0;
    for (char byte : text) {
        const bool begins = (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
        if (begins && ++width > columns())
            break;
        cut += static_cast<unsigned char>(byte) < 0x20 ? ' ' : byte;
    }
    ::waddnstr(stdscr, cut.data(), static_cast<int>(cut.size()));
    if (style == top_style::chosen)
        for (; width < columns(); ++width)
            ::waddch(stdscr, ' ');
    ::wattrset(stdscr, A_NORMAL);
    if (width < columns())
        ::wclrtoeol(stdscr);
}

void top_screen::clear_from(std::size_t line) {
    if (line >= lines())
        return;
    ::wmove(stdscr, static_cast<int>(line), 0);
    ::wclrtobot(stdscr);
}

void top_screen::show() {
    ::wrefresh(stdscr);
}

void top_screen::forget() {
    ::clearok(stdscr, TRUE);
}

void top_screen::leave() {
    ::endwin();
}

void top_screen::resize() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        ::resizeterm(size.ws_row, size.ws_col);
}

int top_screen::key() {
    const auto of = [](top_key key) { return static_cast<int>(key); };
    const int pressed = ::wgetch(stdscr);
    switch (pressed) {
    case ERR:
        return of(top_key::none);
    case KEY_UP:
        return of(top_key::up);
    case KEY_DOWN:
        return of(top_key::down);
    case KEY_PPAGE:
        return of(top_key::page_up);
    case KEY_NPAGE:
        return of(top_key::page_down);
    case KEY_HOME:
        return of(top_key::first);
    case KEY_END:
        return of(top_key::last);
    case KEY_ENTER:
    case '\r':
    case '\n':
        return of(top_key::enter);
    case KEY_BACKSPACE:
    case '\b':
    case 127:
        return of(top_key::back);
    case escape_key:
        return of(top_key::escape);
    case KEY_RESIZE:
        return of(top_key::resized);
    default:
        return pressed > 0 && pressed < 256 ? pressed : of(top_key::other);
    }
}

} // namespace gestvenv::cli
