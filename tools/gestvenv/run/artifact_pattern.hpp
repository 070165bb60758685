// SPDX-License-Identifier: MIT
// Which files of an environment are wanted outside of it: `dist/*.whl`, `**/report-?.xml`, `coverage`.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// A pattern of path components. In each `*`, `?` and `[...]` match as in a shell, a leading dot only by
/// itself; the component `**` matches any number of folders, hidden ones left out. A folder that matches is
/// meant with all that is in it.
class artifact_pattern {
public:
    /// How far a path has been matched: the components that may come next. Sorted, without duplicates.
    using position = std::vector<std::size_t>;

    /// Relative, without `.` and `..`: invalid_argument else.
    static outcome<artifact_pattern> parse(std::string_view text);

    position begin() const;
    /// After one more component of a path; empty where nothing below can match.
    position after(const position& here, const std::string& name) const;
    /// Whether the path up to here matches.
    bool matches(const position& here) const;

    /// The leading components without wildcards, the last one not counted: they are left out of the copy's
    /// path.
    std::size_t fixed_components() const noexcept { return fixed_; }
    const std::string& text() const noexcept { return text_; }

    friend bool operator==(const artifact_pattern&, const artifact_pattern&) = default;

private:
    void add(position& where, std::size_t component) const;

    std::string text_;
    std::vector<std::string> components_;
    std::size_t fixed_ = 0;
};

/// `--artifacts GLOB=DIR`
struct artifact_rule {
    artifact_pattern pattern;
    /// Where the copies go; made where it is missing.
    std::string folder;

    friend bool operator==(const artifact_rule&, const artifact_rule&) = default;
};

} // namespace gestvenv::cli
