// SPDX-License-Identifier: MIT
#include "system/python/backends/cache_use.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace gestvenv::python {

namespace {

template <class Function>
void for_each_line(std::string_view text, Function function) {
    while (!text.empty()) {
        auto end = text.find('\n');
        auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        function(line);
    }
}

// `Prepared 3 packages in 41ms`: what had to be fetched or built.
std::size_t prepared_in(std::string_view text) {
    std::size_t prepared = 0;
    for_each_line(text, [&prepared](std::string_view line) {
        constexpr std::string_view label = "Prepared ";
        std::size_t number = 0;
        if (line.starts_with(label) &&
            std::from_chars(line.data() + label.size(), line.data() + line.size(), number).ec == std::errc{})
            prepared += number;
    });
    return prepared;
}

} // namespace

std::optional<cache_use> cache_use_of(backend tool, const tool_result& result, std::size_t installed) {
    cache_use use;
    if (tool == backend::uv) {
        use.misses = std::min(installed, prepared_in(result.standard_error));
        use.hits = installed - use.misses;
        return use;
    }
    if (tool != backend::pip)
        return {};
    for_each_line(result.standard_output, [&use](std::string_view line) {
        if (line.starts_with("Using cached ") && line.find(".metadata") == std::string_view::npos)
            ++use.hits;
        else if (line.starts_with("Downloading ") && line.find(".metadata") == std::string_view::npos)
            ++use.misses;
    });
    return use;
}

} // namespace gestvenv::python
