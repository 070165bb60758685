// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_cleanup_command.hpp"

#include "messages/shown_text.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/output/receipt_output.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"
#include "tools/gestvenv/terminal/terminal_question.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct cleanup_request : environment_request {
    bool all = false;
    bool force = false;
    bool orphans = false;
};

constexpr const char* cleanup_footer =
    R"(--all asks before each environment on the terminal: y ends it, n or Enter keeps it, a ends it and all
that follow, q keeps it and all that follow. Without a terminal it needs --force. One in which commands
run is ended only with --force. With --format json the receipts are printed, as an array.

exit status:
  0    nothing is left
  1    there is no such environment
  125  residue is left; it is listed with the reason. Or an environment is in use, and --force is
       not given
  2    error in the command line or the configuration, or --all without a terminal and without --force)";

void add_options(option_table& table, cleanup_request& request) {
    table.add_flag({"--all", "", "end all environments of the node, asking before each", "options"},
                   request.all);
    table.add_flag({"--force", "", "also while commands run in them, and without asking", "options"},
                   request.force);
    table.add_flag({"--orphans", "", "remove all orphans of crashed programs", "options"}, request.orphans);
    add_environment_options(table, request);
}

outcome<void> check(cleanup_request& request, operand_words operands) {
    const auto kinds = (operands.words.empty() ? 0 : 1) + (request.all ? 1 : 0) + (request.orphans ? 1 : 0);
    if (kinds == 0)
        return bad_value("gestvenv ephemeral cleanup needs an environment, --all or --orphans",
                         "gestvenv ephemeral cleanup --orphans removes what crashed programs have left");
    if (kinds > 1)
        return bad_value("an environment, --all and --orphans exclude each other", "give one of them");
    if (request.orphans && request.force)
        return bad_value("--orphans and --force are both given",
                         "orphans have no commands; leave --force out");
    return operands.words.empty() ? outcome<void>{} : only_environment(request, std::move(operands));
}

std::string summary_of(const std::vector<teardown_receipt>& receipts, std::string_view none) {
    if (receipts.empty())
        return fmt::format("{}\n", none);
    std::string text;
    for (const auto& receipt : receipts)
        text += (text.empty() ? "" : "\n") + readable(receipt) + "\n";
    return text;
}

/// Prints them, and an error if one names residue.
int show(const cleanup_request& request, const std::vector<teardown_receipt>& receipts,
         std::string_view none) {
    auto status = print(request.format == output_format::json ? json_text(to_json_value(receipts))
                                                              : summary_of(receipts, none));
    if (std::all_of(receipts.begin(), receipts.end(), [](const auto& receipt) { return receipt.clean(); }))
        return status;
    print_error({error_code::cleanup_incomplete,
                 "something could not be removed",
                 {},
                 request.orphans ? "it is tried again at the next start; what stays is named above"
                                 : "the node tries again until nothing is left; what stays is named above"});
    return exit_status::internal_error;
}

int remove_orphans(const cleanup_request& request) {
    try {
        runtime_options options;
        options.config = load_configuration({.file = request.global.configuration_file}).config;
        options.recover_orphans = false; // it is what is done here, and waited for
        options.warn = print_warning;
        if (request.global.verbose)
            options.log = print_log;
        adopted_children launcher;
        runtime host{std::move(options)};
        return show(request, host.cleanup_orphans(), "nothing was left behind");
    } catch (const ephemeral_exception& problem) {
        return report(problem.details());
    }
}

/// An environment that ends by itself meanwhile is gone as well.
bool is_gone(const error& problem) {
    return problem.code == error_code::environment_not_found || problem.code == error_code::environment_gone;
}

error in_use(error problem) {
    problem.hint = "wait for its commands, or end it with them: --force";
    return problem;
}

struct endings {
    std::vector<teardown_receipt> receipts;
    std::vector<error> refusals;
};

/// One in use stays, and is told.
void end_idle(client& node, const environment_info& one, endings& all) {
    try {
        all.receipts.push_back(node.cleanup(one.id));
    } catch (const cleanup_exception& problem) {
        if (problem.details().code == error_code::environment_busy)
            all.refusals.push_back(in_use(problem.details()));
        else
            all.receipts.push_back(problem.receipt());
    } catch (const ephemeral_exception& problem) {
        if (!is_gone(problem.details()))
            all.refusals.push_back(problem.details());
    }
}

/// A node elsewhere may say anything, and a terminal is not to obey it.
std::string name_of(const environment_info& one) {
    const auto quoted = shown(one.name.empty() ? one.id : one.name);
    return quoted.substr(1, quoted.size() - 2);
}

std::string question_about(const environment_info& one) {
    return fmt::format("Destroy {} ({}, {} s)?", name_of(one), to_string(one.status),
                       std::max<std::int64_t>(one.age_seconds(), 0));
}

/// Those that are answered with yes.
endings end_asked(client& node, const std::stop_token& interrupted) {
    endings all;
    const auto living = node.list();
    if (living.size() > 1)
        print_log(std::string{decision_keys});
    bool asks = true;
    for (const auto& one : living) {
        const auto wanted = asks ? decide(question_about(one), interrupted) : decision::yes;
        if (wanted == decision::stop)
            break;
        if (wanted == decision::no)
            continue;
        asks = wanted != decision::yes_to_all && asks;
        with_progress(fmt::format("ending {}", name_of(one)), [&] { end_idle(node, one, all); });
    }
    return all;
}

int end_all(const cleanup_request& request) {
    if (!request.force && !can_ask()) {
        print_error({error_code::invalid_argument,
                     "--all asks before each environment, and standard input and error are not a terminal",
                     {},
                     "gestvenv ephemeral cleanup --all --force ends all of them without asking"});
        return exit_status::usage;
    }
    auto found = find_node(request.node);
    if (!found)
        return report(found.error());
    if (!*found)
        return show(request, {}, "no node runs");
    try {
        client node{std::move(**found)};
        const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
        const auto all = request.force ? with_progress("ending all environments",
                                                       [&] {
                                                           return endings{node.cleanup_all(), {}};
                                                       })
                                       : end_asked(node, request.global.interrupted);
        if (request.global.interrupted.stop_requested()) {
            if (!all.receipts.empty())
                show(request, all.receipts, {});
            return exit_status::interrupted;
        }
        const auto status = show(request, all.receipts, "no environment was ended");
        for (const auto& refusal : all.refusals)
            print_error(refusal);
        return all.refusals.empty() ? status : exit_status::internal_error;
    } catch (const ephemeral_exception& problem) {
        return report(request.global, problem.details());
    }
}

int end_one(const cleanup_request& request) {
    return with_node_of(request, [&](client& node) {
        std::vector<teardown_receipt> receipts;
        try {
            receipts.push_back(with_progress(fmt::format("ending {}", request.wanted),
                                             [&] { return node.cleanup(request.wanted, request.force); }));
        } catch (const cleanup_exception& problem) {
            if (problem.details().code == error_code::environment_busy)
                return report(in_use(problem.details()));
            receipts.push_back(problem.receipt());
        }
        return show(request, receipts, {});
    });
}

int cleanup(cleanup_request& request) {
    if (request.orphans)
        return remove_orphans(request);
    return request.all ? end_all(request) : end_one(request);
}

} // namespace

constinit const command ephemeral_cleanup_command{
    .name = "cleanup",
    .description = "Ends an environment of the node or all of them, or removes orphans of crashed programs.",
    .operands = "[ENVIRONMENT]",
    .footer = cleanup_footer,
    .complete = living_environments,
    .action = acts_on<cleanup_request, add_options, check, cleanup>(),
};

} // namespace gestvenv::cli
