// SPDX-License-Identifier: MIT
// A place in a text that is being parsed, and the first thing found wrong there. Shared by the parsers of
// requirements (requirement.cpp), version specifiers and markers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gestvenv::python {

inline constexpr bool is_ascii_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
inline constexpr bool is_ascii_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline constexpr bool is_ascii_alphanumeric(char c) noexcept {
    return is_ascii_digit(c) || is_ascii_letter(c);
}
inline constexpr char ascii_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool equals_ignoring_case(std::string_view a, std::string_view lower) noexcept {
    if (a.size() != lower.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (ascii_lower(a[i]) != lower[i])
            return false;
    }
    return true;
}

/// Not thread-safe; `text` must outlive it.
class syntax_cursor {
public:
    explicit syntax_cursor(std::string_view text) : text_{text} {}

    bool at_end() const noexcept { return at_ == text_.size(); }
    std::size_t position() const noexcept { return at_; }
    /// The text from `begin` to here.
    std::string_view since(std::size_t begin) const noexcept { return text_.substr(begin, at_ - begin); }
    std::string_view rest() const noexcept { return text_.substr(at_); }
    /// The next character, 0 at the end.
    char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
    void back_to(std::size_t position) noexcept { at_ = position; }

    /// Spaces and tabs, as PEP 508 has them; true where there was one.
    bool skip_space() noexcept {
        auto begin = at_;
        while (peek() == ' ' || peek() == '\t')
            ++at_;
        return at_ != begin;
    }
    bool take(char c) noexcept {
        if (at_end() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) noexcept {
        if (!rest().starts_with(word))
            return false;
        at_ += word.size();
        return true;
    }
    /// `word` is in lower case and is found in any case.
    bool take_ignoring_case(std::string_view word) noexcept {
        if (!equals_ignoring_case(rest().substr(0, word.size()), word))
            return false;
        at_ += word.size();
        return true;
    }
    /// Takes characters as long as `wanted` says so.
    template <class Predicate>
    std::string_view take_while(Predicate wanted) {
        auto begin = at_;
        while (!at_end() && wanted(text_[at_]))
            ++at_;
        return since(begin);
    }

    /// Notes what is wrong; the first note stays. Always false.
    bool fail(std::string problem) {
        if (problem_.empty())
            problem_ = std::move(problem);
        return false;
    }
    const std::string& problem() const noexcept { return problem_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::string problem_;
};

} // namespace gestvenv::python
