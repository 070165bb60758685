// SPDX-License-Identifier: MIT
// The version of a Python interpreter as far as it is known: `3.12` from a file's name, `3.12.1` from a
// probe.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::python {

/// Orders by major, minor, patch; an unknown patch comes before every known one.
struct interpreter_version {
    int major = 0;
    int minor = 0;
    std::optional<int> patch;

    friend auto operator<=>(const interpreter_version&, const interpreter_version&) = default;
};

/// `3.12` or `3.12.1`.
std::string to_string(const interpreter_version& version);

/// Reads `3.12` or `3.12.1`, whole and without signs, each number below 1000; nothing for any other text. A
/// suffix of a pre-release (`3.14.0rc1`, `3.13.0+`) is ignored.
std::optional<interpreter_version> parse_interpreter_version(std::string_view text);

/// Whether `found` is a release of what was asked for: `3.12.1` of `3.12`. An unknown patch fits no exact
/// request.
bool fits(const interpreter_version& found, const interpreter_version& asked) noexcept;

template <class Inspector>
bool inspect(Inspector& f, interpreter_version& x) {
    return f.object(x).fields(f.field("major", x.major), f.field("minor", x.minor),
                              f.field("patch", x.patch));
}

} // namespace gestvenv::python
