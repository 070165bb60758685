// SPDX-License-Identifier: MIT
#include "system/isolation/mounts_below.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

namespace gestvenv {

namespace {

// Blanks and backslashes are written as three octal digits (proc_pid_mountinfo(5)).
std::string unescaped(std::string_view text) {
    auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto digits = text.substr(i + 1, 3);
        if (text[i] == '\\' && digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_octal)) {
            result += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

// Without the first `count` fields, which blanks end.
std::string_view after_fields(std::string_view line, int count) {
    while (count-- > 0) {
        auto blank = line.find(' ');
        auto next = line.find_first_not_of(' ', blank);
        if (blank == std::string_view::npos || next == std::string_view::npos)
            return {};
        line.remove_prefix(next);
    }
    return line;
}

std::vector<std::string> in_order(std::vector<std::string> paths) {
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
}

} // namespace

bool is_below(const std::string& path, const std::string& folder) noexcept {
    if (folder == "/")
        return path.size() > 1 && path.front() == '/';
    return path.size() > folder.size() + 1 && path.starts_with(folder) && path[folder.size()] == '/';
}

std::vector<std::string> mounts_below(const std::string& folder) {
    std::vector<std::string> found;
    std::ifstream mounts{"/proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);) {
        auto rest = after_fields(line, 4);
        auto path = unescaped(rest.substr(0, rest.find(' ')));
        if (is_below(path, folder))
            found.push_back(std::move(path));
    }
    return in_order(std::move(found));
}

std::vector<std::string> sockets_below(const std::string& folder) {
    std::vector<std::string> found;
    std::ifstream sockets{"/proc/net/unix"};
    for (std::string line; std::getline(sockets, line);)
        if (std::string path{after_fields(line, 7)}; is_below(path, folder))
            found.push_back(std::move(path));
    return in_order(std::move(found));
}

} // namespace gestvenv
