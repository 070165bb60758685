// SPDX-License-Identifier: MIT
// Package requirements as people write them: a parser for the whole of PEP 508. A requirement is data;
// nothing that an installer could take for an option, a path or a command passes. What callers give is parsed
// once, where it comes in, and goes on parsed; those in files (a requirements file, a project's
// dependencies) when the file is read.
#pragma once

#include "messages/outcome.hpp"
#include "messages/requirement.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// Reads one requirement. Accepted URLs begin with https, http, file, or git+https, git+http, git+ssh,
/// git+file. Error: invalid_argument, naming the item and what is wrong with it, with a hint.
outcome<requirement> parse_requirement(std::string_view text);

/// Reads all of `packages`; the first that is none is the error. At most 10,000 items of at most 4 KB.
outcome<std::vector<requirement>> validate_packages(const std::vector<std::string>& packages);

/// Each as written: what an installer is given.
std::vector<std::string> texts_of(const std::vector<requirement>& requirements);

/// The name by which an index knows a project: lower case, runs of `-_.` become one `-` (PEP 503).
std::string normalized_name(std::string_view name);

/// A list for `install`, as in the seed's `install(["-r", "FILE"])`, taken apart.
struct install_items {
    std::vector<std::string> packages;
    std::vector<std::string> requirements_files;

    friend bool operator==(const install_items&, const install_items&) = default;
};

/// Splits `-r FILE`, `--requirement FILE` (two items each) off `items` and validates the rest. Any other item
/// that begins with `-` is an invalid_argument. Does not look whether the files exist.
outcome<install_items> split_install_items(const std::vector<std::string>& items);

} // namespace gestvenv::python
