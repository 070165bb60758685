// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/text_table.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

constexpr std::size_t gap = 2;
/// What is cut more says nothing any more.
constexpr std::size_t narrowest = 8;

bool begins_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

/// Characters of UTF-8, each of which is taken for one column wide.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string cut_to(std::string_view text, std::size_t width) {
    if (width_of(text) <= width)
        return std::string{text};
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end)
        if (begins_character(text[end]) && ++seen == width)
            break;
    return std::string{text.substr(0, end)} + "…";
}

void narrow(std::vector<std::size_t>& widths, std::size_t room) {
    auto total = std::accumulate(widths.begin(), widths.end(), gap * widths.size());
    while (total > room) {
        auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrowest)
            return;
        --*widest;
        --total;
    }
}

} // namespace

std::string text_table(const std::vector<text_row>& rows, std::size_t width) {
    std::vector<std::size_t> widths;
    for (const auto& cells : rows) {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t column = 0; column < cells.size(); ++column)
            widths[column] = std::max(widths[column], width_of(cells[column]));
    }
    if (width > 0)
        narrow(widths, width);
    std::string text;
    for (const auto& cells : rows) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            auto cell = cut_to(cells[column], widths[column]);
            const auto padding = widths[column] - width_of(cell);
            line += std::string(gap, ' ') + cell + std::string(padding, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::size_t output_width() noexcept {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

} // namespace gestvenv::cli
