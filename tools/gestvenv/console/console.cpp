// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/console.hpp"

#include "messages/command_line_text.hpp"
#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/completion/word_scan.hpp"
#include "tools/gestvenv/console/line_words.hpp"
#include "tools/gestvenv/console/used_environment.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/command_line.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/program.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <variant>

namespace gestvenv::cli {

namespace {

/// Of an id, where it may be taken for something else.
constexpr std::size_t least_of_id = 8;

outcome<std::vector<std::string>> words_of(const std::string& text) {
    auto words = split_command(text);
    // The hint of the library's own callers does not fit here.
    if (!words && !words.error().hint.empty() && words.error().hint.find("shell=true") != std::string::npos)
        words.error().hint = "quote it, as in 'rich>=13'; for a shell's own language: run sh -c 'A | B'";
    return words;
}

} // namespace

console::console(const command& commands, global_options global, node_choice node, termination& signals)
    : commands_(commands), global_(std::move(global)), node_(std::move(node)), signals_(signals) {
    global_.in_console = this;
    global_.signals = &signals;
}

void console::be_about(current_environment environment) {
    current_ = std::move(environment);
    is_about_one_ = true;
}

int console::run_text(std::string_view text) {
    int status = 0;
    for (const auto& one : commands_in(text)) {
        auto words = words_of(one);
        if (!words) {
            print_error(words.error());
            return exit_status::usage;
        }
        status = run(*words);
        if (status != 0 || end_)
            break;
    }
    return status;
}

int console::run(const std::vector<std::string>& words) {
    const auto before = std::exchange(global_.interrupted, signals_.begin_command());
    auto status = with_exceptions_reported([&] { return run_parsed(words); });
    global_.interrupted = before;
    if (signals_.is_interrupted() && !end_)
        status = exit_status::interrupted;
    else
        with_exceptions_reported([&] {
            look_for_current();
            return 0;
        });
    signals_.end_command();
    return status;
}

int console::run_parsed(const std::vector<std::string>& words) {
    const auto& name = words.front();
    const auto known = std::any_of(commands_.commands.begin(), commands_.commands.end(),
                                   [&](const auto* one) { return one->name == name; });
    if (!known && !name.starts_with('-')) {
        std::vector<std::string> names;
        for (const auto* one : commands_.commands)
            names.emplace_back(one->name);
        const auto near = nearest_name(name, names);
        // As pasted from a shell.
        const bool is_of_shell = name == "gestvenv" || name == "ephemeral";
        print_error({error_code::invalid_argument,
                     fmt::format("there is no command {}", shown(name)),
                     {},
                     is_of_shell ? "a console's commands are called without the words gestvenv and ephemeral"
                     : near      ? fmt::format("did you mean {}?", *near)
                                 : "help lists the commands; run CMD runs a program"});
        return exit_status::usage;
    }
    auto asked = parse_command_line(commands_, current_ ? with_environment(commands_, used(), words) : words,
                                    {global_, [this](scanned_words& scanned) { return adjust(scanned); }});
    if (!asked) {
        print_error(asked.error());
        return exit_status::usage;
    }
    if (const auto* text = std::get_if<text_request>(&*asked))
        return print(as_called(text->text));
    const auto& wanted = std::get<wanted_command>(*asked);
    return wanted.what->action.run(*wanted.request);
}

outcome<void> console::adjust(scanned_words& scanned) {
    for (auto& one : scanned.path)
        if (auto good = take_node_of_console(one.options); !good)
            return good;
    auto& named = scanned.path.back();
    if (named.what->commands.empty() && named.options.help().given.empty() && current_)
        fill_in_environment(used(), scanned);
    return {};
}

outcome<void> console::take_node_of_console(option_table& options) const {
    for (const auto& [name, value] :
         {std::pair<std::string_view, const std::string&>{"--node", node_.address},
          {"--token-file", node_.token_file},
          {"--node-authorities", node_.authorities}}) {
        auto* option = options.find(name);
        if (option == nullptr)
            continue;
        if (!option->given.empty())
            return failure(error_code::invalid_argument,
                           fmt::format("{} is an option of the console, not of its commands", name),
                           fmt::format("gestvenv console {} {}", name, option->text.value));
        option->text.group = {}; // not in the help
        if (!value.empty())
            option->given.push_back(value);
    }
    return {};
}

used_environment console::used() const {
    return {name_of(*current_), [this](const possible_name& word) { return is_environment(word); },
            is_about_one_};
}

bool console::is_environment(const possible_name& name) const {
    auto found = find_node(node_);
    if (!found || !*found)
        return false;
    client node{std::move(**found)};
    const std::stop_callback ending{global_.interrupted, [&node] { node.cancel(); }};
    try {
        const auto there = node.find(name.word);
        return !name.may_be_program || there.name == name.word || name.word.size() >= least_of_id;
    } catch (const ephemeral_exception& problem) {
        const auto code = problem.details().code;
        return code != error_code::environment_not_found && code != error_code::invalid_argument;
    }
}

void console::look_for_current() {
    if (!current_)
        return;
    auto found = find_node(node_);
    if (!found)
        return; // the next command says so
    bool lives = false;
    if (*found) {
        client node{std::move(**found)};
        const std::stop_callback ending{global_.interrupted, [&node] { node.cancel(); }};
        try {
            lives = node.find(current_->id).id == current_->id;
        } catch (const ephemeral_exception& problem) {
            const auto code = problem.details().code;
            lives = code != error_code::environment_not_found &&
                    !(code == error_code::node_unreachable && has_ended(node_));
        }
    }
    if (lives)
        return;
    print_log(fmt::format("{} has ended", name_of(*current_)));
    current_.reset();
    if (is_about_one_ && !end_)
        end(exit_status::internal_error);
}

} // namespace gestvenv::cli
