// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral_command.hpp"

#include "messages/json.hpp"
#include "tools/gestvenv/adopted_children.hpp"
#include "tools/gestvenv/environment_list.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output.hpp"
#include "tools/gestvenv/receipt_output.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace gestvenv::cli {

namespace {

using format = ephemeral_request::output_format;

known_environments find_all() {
    auto known = find_known_environments();
    for (const auto& problem : known.problems)
        print_warning(problem);
    return known;
}

int list(const ephemeral_request& request) {
    auto known = find_all();
    auto now = std::chrono::system_clock::now();
    if (!request.all)
        std::erase_if(known.environments, [](const auto& item) { return item.state != known_state::living; });
    if (auto more = put_newest_first(known.environments, request.most_ended); more > 0)
        print_warning(fmt::format("{} that ended earlier are left out: --limit {} shows all", more,
                                  more + static_cast<std::size_t>(request.most_ended.count)));
    return print(request.format == format::json ? environment_json(known.environments, now)
                                                : environment_table(known.environments, now));
}

int show(const ephemeral_request& request) {
    auto found = pick(find_all().environments, request.wanted);
    if (!found) {
        print_error(found.error());
        return exit_status::ours;
    }
    auto now = std::chrono::system_clock::now();
    return print(request.format == format::json ? environment_json(*found, now)
                                                : environment_text(*found, now));
}

std::string summary_of(const std::vector<teardown_receipt>& receipts) {
    if (receipts.empty())
        return "nothing was left behind\n";
    std::string text;
    for (const auto& receipt : receipts)
        text += (text.empty() ? "" : "\n") + readable(receipt) + "\n";
    return text;
}

int cleanup(const ephemeral_request& request) {
    runtime_options options;
    options.config = load_configuration({.file = request.global.configuration_file}).config;
    options.recover_orphans = false; // it is what is done here, and waited for
    options.warn = print_warning;
    if (request.global.verbose)
        options.log = print_log;
    adopted_children launcher;
    runtime host{std::move(options)};
    auto receipts = host.cleanup_orphans();
    auto status =
        print(request.format == format::json ? to_json_value(receipts).dump(2) + "\n" : summary_of(receipts));
    bool clean =
        std::all_of(receipts.begin(), receipts.end(), [](const auto& receipt) { return receipt.clean(); });
    if (clean)
        return status;
    print_error({error_code::cleanup_incomplete,
                 "something could not be removed",
                 {},
                 "it is tried again at the next start; what stays is named above"});
    return exit_status::ours;
}

} // namespace

int ephemeral_command(const ephemeral_request& request) {
    try {
        switch (request.kind) {
        case ephemeral_request::action_kind::list:
            return list(request);
        case ephemeral_request::action_kind::show:
            return show(request);
        case ephemeral_request::action_kind::cleanup:
            return cleanup(request);
        }
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::of(problem.details().code);
    }
    return exit_status::ours;
}

} // namespace gestvenv::cli
