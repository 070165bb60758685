#include "tools/gestvenv/command_line.hpp"

#include "system/version.hpp"
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

constexpr const char* footer = R"(examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests -- python -c 'import requests; print(requests.__version__)'

gestvenv run --help says more.)";

} // namespace

outcome<action> parse_command_line(const std::vector<std::string>& words) {
    run_request wanted;
    CLI::App root{description, "gestvenv"};
    root.footer(footer);
    root.set_help_flag("-h,--help", "show this text and do nothing");
    root.set_version_flag("--version", program_version, "show the version and do nothing");
    root.add_flag("-v,--verbose", wanted.verbose, "tell on standard error what is being done");
    for (auto* option : root.get_options())
        option->group("options");

    auto& run = *root.add_subcommand("run");
    run.fallthrough(); // -v and --version may stand after `run` too
    run.get_help_ptr()->group("other");
    option_table table{run};
    add_run_options(run, table, wanted);

    auto scanned = scan_words(root, words);
    if (!scanned)
        return failure(std::move(scanned).error());
    try {
        // CLI11 takes the words from the back.
        root.parse(std::vector<std::string>{scanned->own.rbegin(), scanned->own.rend()});
    } catch (const CLI::CallForHelp&) {
        return text_request{help_text(scanned->subcommand == nullptr ? root : *scanned->subcommand)};
    } catch (const CLI::CallForVersion&) {
        return text_request{fmt::format("gestvenv {}\n", program_version)};
    } catch (const CLI::ParseError& problem) {
        return bad_value(problem.what(), "gestvenv --help");
    }
    if (scanned->subcommand == nullptr)
        return text_request{help_text(root), false};
    wanted.command.arguments = std::move(scanned->command);
    wanted.command.streams = stream_mode::inherit;
    outcome<void> good =
        table.first_error() ? outcome<void>{failure(*table.first_error())} : validate(wanted);
    if (!good) {
        auto problem = std::move(good).error();
        if (problem.hint.empty())
            problem.hint = fmt::format("gestvenv {} --help", run.get_name());
        return failure(std::move(problem));
    }
    return wanted;
}

} // namespace gestvenv::cli
