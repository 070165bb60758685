// SPDX-License-Identifier: MIT
// Whether an installation can do without building anything from source, that is, without running code of what
// it installs. The backends' own switches are not enough: `--only-binary :all:` lets pip build what is named
// by URL, folder or `-e`, lets uv build `-e`, and a requirements file may take the switch back with
// `--no-binary`.
#pragma once

#include "messages/outcome.hpp"
#include "messages/requirement.hpp"

#include <string_view>
#include <vector>

namespace gestvenv::python {

/// Whether each of `packages` is required by name (the backend's switch then holds) or the URL of a
/// wheel. Error: invalid_argument, naming the item.
outcome<void> check_wheels_only(const std::vector<requirement>& packages);

/// The same of a requirements file's text, which is parsed here: it has just been read. Stricter than pip and
/// uv where they read a file differently: includes (`-r`, `-c`), editables, paths, `--no-binary`,
/// `--only-binary`, variables, and line breaks that only one of them sees are refused. `name` is for the
/// message. Error: invalid_argument, naming the line.
outcome<void> check_wheels_only(std::string_view text, std::string_view name);

} // namespace gestvenv::python
