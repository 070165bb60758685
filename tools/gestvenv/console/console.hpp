// SPDX-License-Identifier: MIT
// Commands that run one after another in this program: typed, or from a script.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/console/console_signals.hpp"
#include "tools/gestvenv/console/line_history.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

struct possible_name;
struct scanned_words;
struct used_environment;

/// The environment that commands are about which name none.
struct current_environment {
    std::string id;
    std::string name;
};

/// As commands are told of it.
inline const std::string& name_of(const current_environment& environment) noexcept {
    return environment.name.empty() ? environment.id : environment.name;
}

/// The commands are those of `commands`, with the node, the options and the signals of the console. Not thread-safe.
class console {
public:
    /// `commands` outlives it.
    console(const command& commands, global_options global, node_choice node, termination& signals);
    console(const console&) = delete;
    console& operator=(const console&) = delete;

    /// Runs the commands in `text` up to the first that fails. Returns the status of the last one.
    int run_text(std::string_view text);
    /// Runs one command; reports what it does not return.
    int run(const std::vector<std::string>& words);

    const command& commands() const noexcept { return commands_; }
    const node_choice& node() const noexcept { return node_; }
    const global_options& global() const noexcept { return global_; }
    console_signals& signals() noexcept { return signals_; }

    const std::optional<current_environment>& current() const noexcept { return current_; }
    void use(std::optional<current_environment> environment) { current_ = std::move(environment); }
    /// The console is about this environment, and ends with it.
    void be_about(current_environment environment);
    bool is_about_one() const noexcept { return is_about_one_; }

    /// What is typed before; null in a script.
    line_history* past = nullptr;
    /// Called when all of that is forgotten.
    std::function<void()> forget;

    /// No command is to be read any more.
    void end(int status) { end_ = status; }
    std::optional<int> ended() const noexcept { return end_; }

private:
    int run_parsed(const std::vector<std::string>& words);
    outcome<void> adjust(scanned_words& scanned);
    outcome<void> take_node_of_console(option_table& options) const;
    used_environment used() const;
    bool is_environment(const possible_name& name) const;
    /// The current environment may have ended.
    void look_for_current();

    const command& commands_;
    global_options global_;
    node_choice node_;
    console_signals signals_;
    std::optional<current_environment> current_;
    bool is_about_one_ = false;
    std::optional<int> end_;
};

/// The console of the command that runs; only for commands of consoles.
inline console& console_of(const command_request& request) {
    return *request.global.in_console;
}

} // namespace gestvenv::cli
