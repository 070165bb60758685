// SPDX-License-Identifier: MIT
// What a command of the program is, as data: reading the words, the help, and whatever else lists commands go by
// this. A new command is one pair of files, which hold all of it, and its line in commands.cpp.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/options/global_options.hpp"
#include "tools/gestvenv/options/option_table.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// What a command is asked for. Each command derives its own from it, which its options and operands fill.
struct command_request {
    global_options global;

    command_request() = default;
    virtual ~command_request() = default;

protected:
    command_request(const command_request&) = default;
    command_request& operator=(const command_request&) = default;
};

/// What is no option, without the first `--`.
struct operand_words {
    std::vector<std::string> words;
    /// The option that stands right before them, without a `--` between.
    std::string option_before;
    /// The command as it is called, for errors: `gestvenv config set`.
    std::string command;
};

/// What a command does, made by acts_on(). Nothing of it is called for a command that is not asked for.
struct command_action {
    /// A request for nothing in particular.
    std::unique_ptr<command_request> (*make)() = nullptr;
    /// Declares the options, which fill the request when they are read.
    void (*add_options)(option_table& table, command_request& request) = nullptr;
    /// After the options: takes the operands, and says what the options cannot be asked one by one. Looks at
    /// nothing but the words. An error without a hint gets that of the command's help.
    outcome<void> (*check)(command_request& request, operand_words operands) = nullptr;
    /// Returns the exit status.
    int (*run)(command_request& request) = nullptr;
};

struct command {
    std::string_view name;
    /// A sentence.
    std::string_view description;
    /// What follows its options, as the usage has it.
    std::string_view operands = {};
    /// The text below its options in the help.
    std::string_view footer = {};
    /// Everything from its first operand on is another program's, options too,
    bool passes_words_on = false;
    /// but for so many operands of its own before them.
    std::size_t own_operands = 0;
    /// For this program's own use: neither help nor completion show it.
    bool hidden = false;
    /// It goes on in the program with encryption (tools/gestvenv/full_program.hpp).
    bool needs_encryption = false;
    /// Words that its operand at this place, from 0, may be; null: nothing is known of them.
    std::vector<std::string> (*complete)(std::size_t place) = nullptr;
    command_action action = {};
    /// Those below it. One that has any does nothing itself.
    std::span<const command* const> commands = {};
};

/// The action of a command whose request is a Request.
template <class Request, void (*AddOptions)(option_table&, Request&),
          outcome<void> (*Check)(Request&, operand_words), int (*Run)(Request&)>
constexpr command_action acts_on() {
    return {[]() -> std::unique_ptr<command_request> { return std::make_unique<Request>(); },
            [](option_table& table, command_request& request) {
                AddOptions(table, static_cast<Request&>(request));
            },
            [](command_request& request, operand_words operands) {
                return Check(static_cast<Request&>(request), std::move(operands));
            },
            [](command_request& request) { return Run(static_cast<Request&>(request)); }};
}

template <class Request>
void no_options(option_table& /*table*/, Request& /*request*/) {}

/// The error of operands that are not `what`, as in `one key`.
tl::unexpected<error> wrong_operands(const operand_words& operands, std::string_view what);

template <class Request>
outcome<void> no_operands(Request& /*request*/, operand_words operands) {
    if (!operands.words.empty())
        return wrong_operands(operands, "no operand");
    return {};
}

/// A command with its options, and the request they fill; that is null where it has commands below it.
struct declared_command {
    const command* what = nullptr;
    std::unique_ptr<command_request> request;
    option_table options;
};

declared_command declare(const command& what);

/// Commands from the program itself downwards, each below the one before.
using command_path = std::vector<declared_command>;

/// The last of them as it is called: `gestvenv config set`.
std::string full_name(const command_path& path);

} // namespace gestvenv::cli
