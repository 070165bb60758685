// SPDX-License-Identifier: MIT
// What a command line asks for, as plain data. Looks at nothing but the words themselves: no file, no
// variable of the environment, no machine (see preflight.hpp for those).
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/artifact_pattern.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_spec.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gestvenv::cli {

/// What stands before or after any command.
struct global_options {
    bool verbose = false;
    bool offline = false;
    /// The configuration file; empty: the user's own.
    std::string configuration_file;
};

/// Whose home folder a command has.
enum class home_folder : std::uint8_t {
    private_, ///< the environment's own, which goes with it
    host,     ///< the caller's
};

std::string_view to_string(home_folder value) noexcept;

/// `gestvenv run`: one environment, one command in it.
struct run_request {
    global_options global;
    /// What is not given is left unset, for the configuration to fill in.
    environment_spec environment;
    /// How many of each there may be; unset: the configuration says, and where it does not, any number.
    std::optional<count_limit> max_processes;
    std::optional<count_limit> max_threads;
    /// Its `working_directory` is empty where the caller's own is meant.
    command_spec command;
    /// Start it in the environment's own `work` folder.
    bool in_work_folder = false;
    /// Variables of the caller's that the command gets, where they are set.
    std::vector<std::string> passed_variables;
    home_folder home = home_folder::private_;
    /// The command's words stand behind --packages and its value, without `--`: some may be packages.
    bool follows_packages = false;
    /// Files of variables, in order: a later one wins.
    std::vector<std::string> variable_files;
    /// What is copied out of the environment's `work` folder before it goes.
    std::vector<artifact_rule> artifacts;
    /// Where the teardown receipt goes, as JSON; `-`: standard error.
    std::optional<std::string> receipt;
};

/// `gestvenv config ...`
struct config_request {
    enum class action_kind : std::uint8_t { show, path, get, set, reset };
    enum class output_format : std::uint8_t { toml, json };

    global_options global;
    action_kind kind = action_kind::show;
    output_format format = output_format::toml;
    bool with_origin = false;
    /// Empty for a `reset` of all keys.
    std::string key;
    std::string value;
};

std::string_view to_string(config_request::output_format value) noexcept;

/// `gestvenv ephemeral ...`
struct ephemeral_request {
    enum class action_kind : std::uint8_t { list, show, cleanup };
    enum class output_format : std::uint8_t { table, json };

    global_options global;
    action_kind kind = action_kind::list;
    output_format format = output_format::table;
    /// Those that were left behind or have ended, too.
    bool all = false;
    /// Of those that have ended, at most so many are shown.
    count_limit most_ended{50};
    bool orphans = false;
    /// What `show` shows.
    std::string wanted;
};

std::string_view to_string(ephemeral_request::output_format value) noexcept;

/// `gestvenv doctor`
struct doctor_request {
    enum class output_format : std::uint8_t { table, json };

    global_options global;
    output_format format = output_format::table;
    /// Install nothing.
    bool quick = false;
    /// What is tried; empty: all there are.
    std::vector<std::string> pythons;
    std::vector<backend> backends;
    /// The longest that one backend with one interpreter may take.
    std::chrono::milliseconds timeout = std::chrono::seconds{60};
};

std::string_view to_string(doctor_request::output_format value) noexcept;

/// A text that was asked for (`--help`, `--version`), or stands in for a missing command.
struct text_request {
    std::string text;
    /// False for the help that nobody asked for: it goes to standard error, and the exit status is 2.
    bool asked_for = true;
};

using action = std::variant<run_request, config_request, ephemeral_request, doctor_request, text_request>;

/// Reads the words after the program's name. Every error is invalid_argument, its hint names what is accepted
/// or the nearest thing there is. Specifications and packages are validated, so that nothing is started for
/// what cannot be.
outcome<action> parse_command_line(const std::vector<std::string>& words);

} // namespace gestvenv::cli
