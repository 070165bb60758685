// SPDX-License-Identifier: MIT
#include "net/terminal/scrollback.hpp"

namespace gestvenv::terminal {

void scrollback::add(std::string_view piece) {
    text_ += piece;
    if (text_.size() <= 2 * kept)
        return;
    auto cut = text_.size() - kept;
    // Not within a line, with its characters and sequences; what has no lines is cut somewhere.
    if (auto end = text_.find('\n', cut); end != std::string::npos)
        cut = end + 1;
    modes_.read(std::string_view{text_}.substr(0, cut));
    text_.erase(0, cut);
    is_cut_ = true;
}

std::string scrollback::shown_again() const {
    auto text = without_questions(text_);
    return is_cut_ ? modes_.set() + text : text;
}

} // namespace gestvenv::terminal
