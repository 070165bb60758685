// SPDX-License-Identifier: MIT
#include "tools/gestvenv/command_line.hpp"

#include "system/version.hpp"
#include "tools/gestvenv/config_options.hpp"
#include "tools/gestvenv/doctor_options.hpp"
#include "tools/gestvenv/ephemeral_options.hpp"
#include "tools/gestvenv/help.hpp"
#include "tools/gestvenv/option_values.hpp"
#include "tools/gestvenv/run_options.hpp"
#include "tools/gestvenv/word_scan.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* description = "Short-lived Python environments that leave nothing behind.";

constexpr const char* footer = R"(These options stand before a command or after it.

examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests -- python -c 'import requests; print(requests.__version__)'
  gestvenv ephemeral list --all
  gestvenv config show --origin
  gestvenv doctor

gestvenv COMMAND --help says more about each.)";

void add_global_options(CLI::App& root, option_table& table, global_options& global) {
    root.add_flag("-v,--verbose", global.verbose, "tell on standard error what is being done");
    root.add_flag("--offline", global.offline, "install from the backend's cache alone, without a network");
    table.add({"--config", "FILE",
               "the configuration file (default: $GESTVENV_CONFIG, else ~/.config/gestvenv/config.toml)",
               "options"},
              into(global.configuration_file, any_text));
    for (auto* option : root.get_options())
        option->group("options");
}

/// Before there are commands, which take over the text of --help.
CLI::App& set_up(CLI::App& root) {
    root.footer(footer);
    root.set_help_flag("-h,--help", "show this text and do nothing");
    root.set_version_flag("--version", program_version, "show the version and do nothing");
    return root;
}

/// Everything the words can fill, and the commands that do. Must live until it has been taken from.
struct command_tree {
    global_options global;
    run_request run_wanted;
    config_request config_wanted;
    ephemeral_request ephemeral_wanted;
    doctor_request doctor_wanted;
    CLI::App root{description, "gestvenv"};
    option_table global_table{root};
    CLI::App& run = *set_up(root).add_subcommand("run");
    option_table run_table{run};
    CLI::App& ephemeral = *root.add_subcommand("ephemeral");
    option_table ephemeral_table{ephemeral};
    CLI::App& config = *root.add_subcommand("config");
    option_table config_table{config};
    CLI::App& doctor = *root.add_subcommand("doctor");
    option_table doctor_table{doctor};

    command_tree() {
        add_global_options(root, global_table, global);
        run.fallthrough(); // the global options may stand after `run` too
        run.get_help_ptr()->group("other");
        add_run_options(run, run_table, run_wanted);
        add_ephemeral_commands(ephemeral, ephemeral_table, ephemeral_wanted);
        add_config_commands(config, config_table, config_wanted);
        add_doctor_options(doctor, doctor_table, doctor_wanted);
    }

    /// What follows the options of a command, as its usage has it.
    std::string operands_of(const CLI::App& command) const {
        if (&command == &run)
            return "[--] CMD [ARGUMENT...]";
        if (!commands_of(command).empty())
            return "COMMAND";
        if (command.get_parent() == &ephemeral)
            return ephemeral_operands(command.get_name());
        return config_operands(command.get_name());
    }

    std::string help_of(const CLI::App& command) const { return help_text(command, operands_of(command)); }

    /// The first thing wrong with a value of an option.
    outcome<void> check() const {
        for (const auto* table : {&global_table, &run_table, &ephemeral_table, &config_table, &doctor_table})
            if (table->first_error())
                return failure(*table->first_error());
        return {};
    }

    outcome<action> take(scanned_words scanned) {
        if (auto good = check(); !good)
            return failure(std::move(good).error());
        if (scanned.command == &run) {
            run_wanted.global = global;
            run_wanted.follows_packages = scanned.option_before == "--packages";
            return complete(run_wanted, std::move(scanned.operands)).map([&] {
                return action{std::move(run_wanted)};
            });
        }
        if (scanned.command == &doctor) {
            doctor_wanted.global = global;
            return complete(doctor_wanted, scanned.operands).map([&] {
                return action{std::move(doctor_wanted)};
            });
        }
        if (scanned.command->get_parent() == &ephemeral) {
            ephemeral_wanted.global = global;
            return complete(ephemeral_wanted, scanned.command->get_name(), scanned.operands).map([&] {
                return action{std::move(ephemeral_wanted)};
            });
        }
        config_wanted.global = global;
        return complete(config_wanted, scanned.command->get_name(), scanned.operands).map([&] {
            return action{std::move(config_wanted)};
        });
    }
};

} // namespace

outcome<action> parse_command_line(const std::vector<std::string>& words) {
    command_tree tree;
    auto scanned = scan_words(tree.root, tree.run, words);
    if (!scanned)
        return failure(std::move(scanned).error());
    const auto& command = *scanned->command;
    try {
        // CLI11 takes the words from the back.
        tree.root.parse(std::vector<std::string>{scanned->own.rbegin(), scanned->own.rend()});
    } catch (const CLI::CallForHelp&) {
        return text_request{tree.help_of(command)};
    } catch (const CLI::CallForVersion&) {
        return text_request{fmt::format("gestvenv {}\n", program_version)};
    } catch (const CLI::ParseError& problem) {
        return bad_value(problem.what(), full_name(command) + " --help");
    }
    if (!commands_of(command).empty())
        return text_request{tree.help_of(command), false};
    return tree.take(std::move(*scanned)).map_error([&](error problem) {
        if (problem.hint.empty())
            problem.hint = full_name(command) + " --help";
        return problem;
    });
}

} // namespace gestvenv::cli
