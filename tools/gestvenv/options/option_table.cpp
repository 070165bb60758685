// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/option_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gestvenv::cli {

namespace {

outcome<void> nothing(const std::string& /*name*/, const std::string& /*value*/) {
    return {};
}

outcome<void> read_one(const option& one) {
    const std::string name{one.text.name};
    if (one.given.size() > 1 && !one.repeatable)
        return bad_value(fmt::format("{} is given {} times", name, one.given.size()), "give it once");
    for (const auto& value : one.given)
        if (auto good = one.read(name, value); !good)
            return good;
    return {};
}

} // namespace

option_table::option_table() {
    add_flag({"--help", "", "show this text and do nothing", "", "-h"});
}

option& option_table::add(option_text text, option::reader read) {
    return options_.emplace_back(option{std::move(text), std::move(read)});
}

option& option_table::add_repeatable(option_text text, option::reader read) {
    auto& added = add(std::move(text), std::move(read));
    added.repeatable = true;
    return added;
}

void option_table::add_flag(option_text text) {
    add_repeatable(std::move(text), nothing);
}

void option_table::add_flag(option_text text, bool& target, bool value) {
    add_repeatable(
        std::move(text),
        [&target, value](const std::string& /*name*/, const std::string& /*none*/) -> outcome<void> {
            target = value;
            return {};
        });
}

option* option_table::find(std::string_view name) noexcept {
    auto place = std::find_if(options_.begin(), options_.end(), [name](const option& one) {
        return one.text.name == name || (!name.empty() && one.text.short_name == name);
    });
    return place == options_.end() ? nullptr : &*place;
}

bool option_table::is_given(std::string_view name) const noexcept {
    return std::any_of(options_.begin(), options_.end(),
                       [name](const option& one) { return one.text.name == name && !one.given.empty(); });
}

outcome<void> option_table::read() const {
    for (const auto& one : options_)
        if (auto good = read_one(one); !good)
            return good;
    return {};
}

} // namespace gestvenv::cli
