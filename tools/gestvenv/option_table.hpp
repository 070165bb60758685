// SPDX-License-Identifier: MIT
// The options of one command, on top of CLI11: values are read by functions that return an error of ours, so
// that every complaint has one style whatever the version of CLI11.
#pragma once

#include "messages/outcome.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv::cli {

/// How an option is shown in the help.
struct option_text {
    /// The long name, with its dashes.
    std::string name;
    /// What its value is called.
    std::string value;
    std::string description;
    /// The heading it stands below.
    std::string group;
};

/// Must live until the App has parsed.
class option_table {
public:
    /// Reads one value; is given the option's name for its errors.
    using reader = std::function<outcome<void>(const std::string& option, const std::string& value)>;

    explicit option_table(CLI::App& app) : app_(app) {}
    option_table(const option_table&) = delete;
    option_table& operator=(const option_table&) = delete;

    /// An option that may stand at most once.
    void add(const option_text& text, reader read);
    /// The same, of another command than the table's own.
    void add_to(CLI::App& app, const option_text& text, reader read);
    /// An option whose every value is read.
    void add_repeatable(const option_text& text, reader read);

    /// The first error in the order in which the options were added.
    const std::optional<error>& first_error() const noexcept { return first_error_; }

private:
    void add(CLI::App& app, const option_text& text, reader read, bool repeatable);
    void keep(error value);

    CLI::App& app_;
    std::optional<error> first_error_;
};

/// Stores what `parse` makes of a value in `target`.
template <class Parse, class Target>
option_table::reader into(Target& target, Parse parse) {
    return [&target, parse](const std::string& option, const std::string& text) -> outcome<void> {
        auto value = parse(option, text);
        if (!value)
            return failure(std::move(value).error());
        target = std::move(*value);
        return {};
    };
}

} // namespace gestvenv::cli
