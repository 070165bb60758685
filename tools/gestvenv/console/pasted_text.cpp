// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/pasted_text.hpp"

#include <cerrno>
#include <cwchar>
#include <poll.h>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

/// Milliseconds after which no more of a paste is expected: its end was lost.
constexpr int longest_pause = 1'000;

} // namespace

std::wstring as_typed(std::string_view pasted) {
    std::wstring typed;
    std::mbstate_t state{};
    bool after_return = false;
    while (!pasted.empty()) {
        wchar_t character = 0;
        auto size = std::mbrtowc(&character, pasted.data(), pasted.size(), &state);
        if (size == 0 || size > pasted.size()) { // a zero byte, or no character at all
            state = {};
            character = 0;
            size = 1;
        }
        pasted.remove_prefix(size);
        const bool ends_line = character == L'\n' || character == L'\r';
        if (ends_line && !(character == L'\n' && after_return))
            typed += L'\n';
        else if (character == L'\t')
            typed += L' ';
        else if (!ends_line && character >= L' ' && character != 0x7F)
            typed += character;
        after_return = character == L'\r';
    }
    return typed;
}

void pasted_text::read(int terminal) {
    std::string bytes;
    while (bytes.size() < most_bytes && !bytes.ends_with(paste_ends)) {
        pollfd ready{terminal, POLLIN, 0};
        const auto count = ::poll(&ready, 1, longest_pause);
        if (count < 0 && errno == EINTR)
            continue;
        char byte = 0;
        // One: what is typed behind it is a command's.
        if (count <= 0 || ::read(terminal, &byte, 1) != 1)
            break;
        bytes += byte;
    }
    if (bytes.ends_with(paste_ends))
        bytes.resize(bytes.size() - paste_ends.size());
    text_.erase(0, taken_);
    taken_ = 0;
    text_ += as_typed(bytes);
}

std::optional<wchar_t> pasted_text::next() {
    if (taken_ == text_.size())
        return std::nullopt;
    const auto character = text_[taken_++];
    if (taken_ == text_.size())
        drop();
    return character;
}

void pasted_text::drop() {
    text_.clear();
    taken_ = 0;
}

} // namespace gestvenv::cli
