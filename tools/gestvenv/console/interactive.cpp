// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/interactive.hpp"

#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/console/conversation.hpp"
#include "tools/gestvenv/console/script.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/receipt_output.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

namespace gestvenv::cli {

namespace {

/// What is left is an error; that it has ended by itself meanwhile is none, and has been said.
int end(const current_environment& environment, const node_choice& where) {
    auto found = find_node(where);
    if (!found)
        return report(found.error());
    if (!*found)
        return 0;
    const auto& name = name_of(environment);
    try {
        client{std::move(**found)}.cleanup(environment.id, true);
        print_log(fmt::format("{} has ended, and nothing is left of it", name));
        return 0;
    } catch (const cleanup_exception& problem) {
        print_error({problem.details().code, readable(problem.receipt()), name,
                     "the node tries again until nothing is left"});
        return exit_status::internal_error;
    } catch (const ephemeral_exception& problem) {
        return problem.details().code == error_code::environment_not_found ? 0 : report(problem.details());
    }
}

} // namespace

int talk_about(const current_environment& environment, const global_options& global, const node_choice& node,
               termination& signals) {
    call_as_in(console_kind::about_one_environment);
    int status = 0;
    int told_to_end = 0;
    {
        console with{interactive_commands, global, node, signals};
        with.be_about(environment);
        if (is_at_terminal()) {
            if (auto shown = print("help lists the commands; exit or Ctrl-D ends the environment.\n");
                shown != 0)
                return shown;
            status = talk(with, {});
        } else {
            status = run_script(with, script_source::of_standard_input(), false);
        }
        told_to_end = with.signals().told_to_end();
    }
    const auto ended = end(environment, node);
    if (told_to_end != 0)
        termination::die(told_to_end);
    return status != 0 ? status : ended;
}

} // namespace gestvenv::cli
