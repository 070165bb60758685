// SPDX-License-Identifier: MIT
// What a user of `gestvenv run` should hear besides an error or a command: where its interpreter is from,
// that a program is another Python's, what a mistaken word may have meant.
#pragma once

#include "system/python/search_context.hpp"
#include "tools/gestvenv/run/interpreter_wish.hpp"
#include "tools/gestvenv/run/run_request.hpp"

#include <gestvenv/environment_info.hpp>
#include <gestvenv/error.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace gestvenv::cli {

/// The interpreter that an environment was made from; empty where its files cannot be read.
std::filesystem::path interpreter_of(const environment_info& made);

/// One sentence where the command is a script of another Python than the environment's.
std::optional<std::string> note_on_outer_script(const run_request& request, const environment_info& made,
                                                const python::search_context& context);

/// `problem` with what the command line has to do with it.
error in_terms_of_command_line(error problem, const run_request& request, const interpreter_wish& wish);

} // namespace gestvenv::cli
