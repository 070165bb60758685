// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_cleanup_command.hpp"

#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/output/receipt_output.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
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
    R"(With --format json the receipts are printed, as an array.

exit status:
  0    nothing is left
  1    there is no such environment
  125  residue is left; it is listed with the reason. Or an environment is in use, and --force is
       not given
  2    error in the command line or the configuration)";

void add_options(option_table& table, cleanup_request& request) {
    table.add_flag({"--all", "", "end all environments of the node", "options"}, request.all);
    table.add_flag({"--force", "", "also while commands run in them", "options"}, request.force);
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

/// Those in use stay, and are told.
endings end_idle(client& node) {
    endings all;
    for (const auto& one : node.list()) {
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
    return all;
}

int end_all(const cleanup_request& request) {
    auto found = find_node(request.node);
    if (!found)
        return report(found.error());
    if (!*found)
        return show(request, {}, "no node runs");
    try {
        client node{std::move(**found)};
        const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
        const auto all = with_progress("ending all environments", [&] {
            return request.force ? endings{node.cleanup_all(), {}} : end_idle(node);
        });
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
