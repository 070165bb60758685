// SPDX-License-Identifier: MIT
#include "system/python/version_file.hpp"

#include "system/python/interpreter_version.hpp"
#include "system/python/version_range.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <initializer_list>
#include <system_error>
#include <utility>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// Far more than any list of versions; the rest of a larger file is of no interest.
constexpr std::size_t most_bytes = 64 << 10;
constexpr std::string_view blanks = " \t\r\f\v";

std::string_view first_word(std::string_view line) {
    line = line.substr(0, line.find('#'));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    // A range may have spaces in it.
    if (begins_range(line))
        return line.substr(0, line.find_last_not_of(blanks) + 1);
    return line.substr(0, line.find_first_of(blanks));
}

// `3.12.4` of `cpython-3.12.4-linux-x86_64-gnu`, `cpython@3.12.4` and `python3.12.4`.
std::string_view without_implementation(std::string_view word) {
    for (std::string_view name : {"cpython-", "python-", "cpython@", "cpython", "python"})
        if (word.starts_with(name)) {
            word.remove_prefix(name.size());
            return word.substr(0, word.find('-'));
        }
    return word;
}

bool is_request(std::string_view word) {
    return word == "3" || parse_interpreter_version(word) ||
           (begins_range(word) && parse_version_range(word));
}

} // namespace

version_file parse_version_file(std::string_view text) {
    version_file result;
    if (constexpr std::string_view byte_order_mark = "\xef\xbb\xbf"; text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    while (!text.empty() && !result.wanted) {
        auto end = text.find_first_of("\r\n");
        auto word = first_word(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (word.empty() || word == "system")
            continue;
        if (auto version = without_implementation(word); is_request(version))
            result.wanted = version;
        else
            result.skipped.emplace_back(word);
    }
    return result;
}

std::optional<version_file> find_version_file(const fs::path& folder) {
    std::error_code ignored; // what cannot be looked at asks for nothing
    for (auto above = folder;; above = above.parent_path()) {
        auto path = above / ".python-version";
        if (fs::is_regular_file(path, ignored)) {
            std::ifstream stream{path, std::ios::binary};
            const bool readable = stream.is_open();
            std::string text(most_bytes, '\0');
            stream.read(text.data(), static_cast<std::streamsize>(text.size()));
            text.resize(static_cast<std::size_t>(stream.gcount()));
            auto found = parse_version_file(text);
            found.path = std::move(path);
            found.readable = readable;
            return found;
        }
        if (above.empty() || above == above.root_path())
            return std::nullopt;
    }
}

} // namespace gestvenv::python
