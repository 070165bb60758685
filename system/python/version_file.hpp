// SPDX-License-Identifier: MIT
// `.python-version`, as pyenv and uv write it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

struct version_file {
    std::filesystem::path path;
    /// The first version in it, as an interpreter_request takes it: `3.12`, `3.12.4`, `3`, `>=3.11`.
    std::optional<std::string> wanted;
    /// The text before it, or in all of the file, that is none: `pypy3.10`, the name of a virtual
    /// environment of pyenv's.
    std::vector<std::string> skipped;
    bool readable = true;
};

/// Reads lines of one version each, its first word; what follows a `#` is a comment. `system`, with which
/// pyenv means PATH, is neither taken nor skipped.
version_file parse_version_file(std::string_view text);

/// The nearest one, in `folder` or above it. One that cannot be read asks for nothing.
std::optional<version_file> find_version_file(const std::filesystem::path& folder);

} // namespace gestvenv::python
