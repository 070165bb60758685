// SPDX-License-Identifier: MIT
#include "tools/gestvenv/option_table.hpp"

#include <fmt/format.h>

#include <utility>

namespace gestvenv::cli {

void option_table::add(const option_text& text, reader read) {
    add(app_, text, std::move(read), false);
}

void option_table::add_to(CLI::App& app, const option_text& text, reader read) {
    add(app, text, std::move(read), false);
}

void option_table::add_repeatable(const option_text& text, reader read) {
    add(app_, text, std::move(read), true);
}

void option_table::add(CLI::App& app, const option_text& text, reader read, bool repeatable) {
    // CLI11 is to hand over all values; that there is one too many is said here.
    CLI::callback_t take = [this, name = text.name, read = std::move(read),
                            repeatable](const CLI::results_t& values) {
        if (values.size() > 1 && !repeatable) {
            keep(error{error_code::invalid_argument,
                       fmt::format("{} is given {} times", name, values.size()),
                       {},
                       "give it once"});
            return true;
        }
        for (const auto& value : values)
            if (auto good = read(name, value); !good)
                keep(std::move(good).error());
        return true;
    };
    app.add_option(text.name, take, text.description)
        ->type_name(text.value)
        ->type_size(1)
        ->expected(1)
        ->take_all()
        ->group(text.group);
}

void option_table::keep(error value) {
    if (!first_error_)
        first_error_ = std::move(value);
}

} // namespace gestvenv::cli
