// SPDX-License-Identifier: MIT
// A file of variables, as `--env-file` names it.
#include "tools/fuzzing/check.hpp"

#include "tools/gestvenv/run/variable_file.hpp"

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto variables = cli::parse_variables(as_text(data, size), ".env");
    if (!variables) {
        require_told(variables.error());
        return 0;
    }
    for (const auto& [name, value] : *variables) {
        require(!name.empty() && name.find('=') == std::string::npos, "a variable has a name");
        require((name + value).find('\0') == std::string::npos, "a variable can be handed to a program");
    }
    return 0;
}
