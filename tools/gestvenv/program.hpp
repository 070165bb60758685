// The program as a function: from the words of the command line to the exit status.
#pragma once

#include <string>
#include <vector>

namespace gestvenv::cli {

/// Call once, from main.
int run_program(const std::vector<std::string>& words);

} // namespace gestvenv::cli
