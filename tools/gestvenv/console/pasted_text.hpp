// SPDX-License-Identifier: MIT
// Text that is pasted at the prompt, as a terminal brackets it (xterm, "bracketed paste"): it is taken whole, so that no line
// of it is read by the command of another.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// A terminal that knows these brackets pastes; others ignore them.
inline constexpr std::string_view bracket_pastes = "\x1b[?2004h";
inline constexpr std::string_view bracket_no_pastes = "\x1b[?2004l";
inline constexpr const char* paste_begins = "\x1b[200~";
inline constexpr std::string_view paste_ends = "\x1b[201~";

/// What a person would have typed: line ends are `\n`, a tab is a space, for it would complete a word, and other control
/// characters, which would be keys, are left out.
std::wstring as_typed(std::string_view pasted);

class pasted_text {
public:
    static constexpr std::size_t most_bytes = std::size_t{1} << 20;

    /// Reads to the end of a paste, which has begun; what comes too late, or is too long, is typed.
    void read(int terminal);
    /// The next character of what was pasted.
    std::optional<wchar_t> next();
    void drop();

private:
    std::wstring text_;
    std::size_t taken_ = 0;
};

} // namespace gestvenv::cli
