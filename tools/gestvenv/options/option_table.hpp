// SPDX-License-Identifier: MIT
// The options of one command: declared once, for reading them, for the help, and for lists of them.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/options/option_values.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

/// How an option is written and shown.
struct option_text {
    /// The long name, with its dashes.
    std::string_view name;
    /// What its value is called; empty: it takes none. FILE and DIR are paths.
    std::string_view value;
    std::string description;
    /// The heading it stands below; empty: the help does not show it.
    std::string_view group;
    /// With its dash; empty: there is none.
    std::string_view short_name = {};
};

/// An option, and what was given for it.
struct option {
    /// Reads one value; is given the option's name for its errors.
    using reader = std::function<outcome<void>(const std::string& name, const std::string& value)>;

    option_text text;
    reader read;
    bool repeatable = false;
    /// The words of which its value is one; empty: it may be anything.
    std::vector<std::string_view> words = {};
    /// Words that its value may be, for completion; null: nothing is known of them.
    std::vector<std::string> (*complete)() = nullptr;
    /// As the command line has them, in its order; an empty one for each time that a flag is given.
    std::vector<std::string> given = {};

    bool takes_value() const noexcept { return !text.value.empty(); }
};

/// `--help` is in every table, as its first option.
class option_table {
public:
    option_table();

    /// An option that may stand at most once. What it fills must live until the table has been read. The
    /// result is good until the next option is added.
    option& add(option_text text, option::reader read);
    /// An option whose every value is read.
    option& add_repeatable(option_text text, option::reader read);
    /// An option without a value, which may be repeated.
    void add_flag(option_text text);
    /// The same; sets `target`.
    void add_flag(option_text text, bool& target, bool value = true);

    /// By either name; null where there is none.
    option* find(std::string_view name) noexcept;
    bool is_given(std::string_view name) const noexcept;
    const option& help() const noexcept { return options_.front(); }
    /// All but `--help`, in the order in which they were added.
    std::span<const option> own() const noexcept { return std::span{options_}.subspan(1); }
    std::span<const option> all() const noexcept { return options_; }

    /// Reads what was given. The first error in the order in which the options were added.
    outcome<void> read() const;

private:
    std::vector<option> options_;
};

/// Stores what `parse` makes of a value in `target`.
template <class Parse, class Target>
option::reader into(Target& target, Parse parse) {
    return [&target, parse](const std::string& name, const std::string& text) -> outcome<void> {
        auto value = parse(name, text);
        if (!value)
            return failure(std::move(value).error());
        target = std::move(*value);
        return {};
    };
}

/// An option whose value is one of `choices`, each spelled by its `to_string`.
template <class Choices, class Target>
void add_choice(option_table& table, option_text text, Target& target, const Choices& choices) {
    auto parse = [choices](const std::string& name, const std::string& word) {
        return parse_choice(name, word, choices);
    };
    table.add(std::move(text), into(target, parse)).words = spellings_of(choices);
}

} // namespace gestvenv::cli
