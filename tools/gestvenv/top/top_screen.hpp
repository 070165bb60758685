// SPDX-License-Identifier: MIT
// The terminal as a screen of lines, by ncurses: only what differs from before is written. One at a time.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

struct screen;

namespace gestvenv::cli {

/// Keys that are no characters.
enum class top_key : int {
    none = 0,
    up = 0x110000, // beyond Unicode
    down,
    page_up,
    page_down,
    first,
    last,
    enter,
    back,
    escape,
    resized,
    other,
};

enum class top_style { plain, title, chosen, trouble };

class top_screen {
public:
    /// Error: system_failure for a terminal that is not known.
    static outcome<std::unique_ptr<top_screen>> open();
    top_screen(const top_screen&) = delete;
    top_screen& operator=(const top_screen&) = delete;
    /// Gives the terminal back.
    ~top_screen();

    std::size_t lines() const noexcept;
    std::size_t columns() const noexcept;
    /// Whether its characters are those of UTF-8.
    bool is_utf8() const noexcept { return is_utf8_; }

    /// Writes a whole line; what does not fit is cut.
    void put(std::size_t line, std::string_view text, top_style style = top_style::plain);
    /// Empties the lines from this one on.
    void clear_from(std::size_t line);
    /// What has been put is shown.
    void show();
    /// All of it anew.
    void forget();
    /// Gives the terminal back until something is shown again.
    void leave();
    /// The terminal has another size.
    void resize();

    /// A character, or a `top_key`; `none` where no key has been pressed.
    int key();

private:
    top_screen(struct screen* handle, bool is_utf8) : handle_(handle), is_utf8_(is_utf8) {}

    struct screen* handle_;
    bool is_utf8_;
    bool has_colors_ = false;
};

} // namespace gestvenv::cli
