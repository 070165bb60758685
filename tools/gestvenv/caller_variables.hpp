// The few variables of the caller's that a command gets.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// Those of `names` that are set, and, for a command that writes to a terminal, what tells which terminal
/// that is and which characters it shows.
std::map<std::string, std::string> variables_of_caller(const std::vector<std::string>& names,
                                                       bool on_terminal);

} // namespace gestvenv::cli
