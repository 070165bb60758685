// SPDX-License-Identifier: MIT
// Readers of options that may be given several times.
#pragma once

#include "tools/gestvenv/options/option_table.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

/// Appends what `parse` makes of a value to a list.
template <class Parse, class Target>
option::reader appended_to(std::vector<Target>& list, Parse parse) {
    return [&list, parse](const std::string& option, const std::string& text) {
        return parse(option, text).map([&list](Target value) { list.push_back(std::move(value)); });
    };
}

/// Sets what `parse` makes of a value, a name and its value, in a map.
template <class Parse>
option::reader entered_in(std::map<std::string, std::string>& map, Parse parse) {
    return [&map, parse](const std::string& option, const std::string& text) {
        return parse(option, text).map([&map](std::pair<std::string, std::string> entry) {
            map[std::move(entry.first)] = std::move(entry.second);
        });
    };
}

} // namespace gestvenv::cli
