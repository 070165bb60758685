// SPDX-License-Identifier: MIT
// The text of a requirements file as pip reads it: which encoding it is in, and which lines belong together.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// What a requirements file says, in UTF-8.
struct requirements_text {
    std::string text;
    /// Whether uv, too, reads the file: it knows UTF-8, and UTF-16 with a byte order mark.
    bool known_to_uv = true;
};

/// Decodes a file: by its byte order mark (UTF-8, UTF-16, UTF-32), else by the encoding that a comment in its
/// first two lines names (`# -*- coding: latin-1 -*-`), else as UTF-8. What is none of these stays as it is:
/// the installer says so. invalid_argument, naming the file by `name`, for an encoding that is unknown here
/// or that the file is not in.
outcome<requirements_text> decode_requirements(std::string_view bytes, std::string_view name);

/// Lines without comments and the spaces around them; one that ends in a backslash goes on in the next. Empty
/// ones are left out.
std::vector<std::string> requirement_lines(std::string_view text);

/// Whether pip reads lines that uv refuses, or reads otherwise: a requirement that goes on in the next line with anything
/// but an option, and an option without a space before its value (`-rother.txt`).
bool has_lines_for_pip_alone(std::string_view text);

} // namespace gestvenv::python
