// SPDX-License-Identifier: MIT
// Files of variables, as `--env-file` names them.
#pragma once

#include "messages/outcome.hpp"

#include <map>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// The variables of a text of `NAME=VALUE` lines. Empty lines, and lines that begin with `#`, say nothing;
/// `export ` may stand before a name. A value without quotes ends before white space and `#`, or at the end
/// of its line, less the white space there; one in single quotes stands for itself; in double quotes `\"`,
/// `\\`, `\$`, `` \` ``, `\n`, `\r` and `\t` are one character each. In quotes it may go over several lines,
/// which end in a line feed, whatever they end in here. A byte order mark at the beginning is no part of it.
/// Nothing is expanded. A later line wins.
///
/// Errors are invalid_argument and name `name` and the line, never what is in it: it may be a secret.
outcome<std::map<std::string, std::string>> parse_variables(std::string_view text, std::string_view name);

/// The variables of a file, at most a megabyte: a regular one, or a descriptor of the caller's
/// (`/dev/fd/63`).
outcome<std::map<std::string, std::string>> read_variable_file(const std::string& path);

} // namespace gestvenv::cli
