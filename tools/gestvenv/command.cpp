// SPDX-License-Identifier: MIT
#include "tools/gestvenv/command.hpp"

#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

namespace gestvenv::cli {

tl::unexpected<error> wrong_operands(const operand_words& operands, std::string_view what) {
    return bad_value(fmt::format("{} takes {}", operands.command, what));
}

declared_command declare(const command& what) {
    declared_command declared;
    declared.what = &what;
    if (what.commands.empty()) {
        declared.request = what.action.make();
        what.action.add_options(declared.options, *declared.request);
    }
    return declared;
}

std::string full_name(const command_path& path) {
    std::string name;
    for (const auto& one : path) {
        name += name.empty() ? "" : " ";
        name += one.what->name;
    }
    return name;
}

} // namespace gestvenv::cli
