// SPDX-License-Identifier: MIT
// Which releases of Python a range means: `>=3.10,<3.13`, as `requires-python` has it.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/requirement.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// Version specifiers of PEP 440, and alternatives of them.
struct version_range {
    /// As it was written.
    std::string text;
    /// A version fits that fits all clauses of one alternative.
    std::vector<std::vector<version_clause>> alternatives;
};

/// How a version relates to a range.
enum class range_fit : std::uint8_t {
    no,
    /// The last number decides, and is not known.
    open,
    yes,
};

/// Reads `>=3.10,<3.13`; `||` stands between alternatives. Error: invalid_argument.
outcome<version_range> parse_version_range(std::string_view text);

/// The range that poetry means by `^3.10`, `~3.10`, `3.10.*`, `3.10` or `*`, which PEP 440 does not know;
/// what it does know stays as it is.
outcome<version_range> parse_poetry_range(std::string_view text);

/// Whether `text` begins as a range does, and as neither a version nor a path.
bool begins_range(std::string_view text) noexcept;

range_fit fit(const interpreter_version& version, const version_range& range);

} // namespace gestvenv::python
