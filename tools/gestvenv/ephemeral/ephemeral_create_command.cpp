// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_create_command.hpp"

#include "messages/validation.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/console/interactive.hpp"
#include "tools/gestvenv/ephemeral/creation_defaults.hpp"
#include "tools/gestvenv/ephemeral/creation_options.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_paths.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/run/interpreter_wish.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <optional>
#include <stop_token>
#include <string>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

struct create_request : creation_request {
    node_choice node;
    output_format format = output_format::table;
    /// 0: it has no owner.
    int owner_pid = 0;
    /// Commands are read that are about it, and it ends after them.
    bool interactive = false;
};

constexpr const char* create_footer =
    R"(The environment lives until its time to live or idle time is over, until it is ended (gestvenv
ephemeral cleanup), or until its node ends. Prints its id and its name. Defaults are those of your
configuration here; installers get your variables and your folder.

TIME: seconds, or a number with a unit (0.5s, 10m, 2h, 1d). SIZE: megabytes, or with a unit (512M,
2G).

examples:
  gestvenv ephemeral create ci-test --requirements requirements.txt --ttl 600
  gestvenv ephemeral create --project . --extra test --format json
  gestvenv ephemeral create build --packages build,twine --owner-pid $$
  gestvenv ephemeral create scratch --interactive)";

void add_options(option_table& table, create_request& request) {
    add_content_options(table, request.environment);
    add_limit_options(
        table, request,
        {.ttl = "default_ttl, 1h", .max_idle_time = "5m if --ttl is not given, else unlimited"});
    table.add({"--wait-for-room", "TIME",
               "wait for so long where the node's limits leave no room (default: fail at once)",
               "limits and isolation"},
              [&request](const std::string& option, const std::string& text) {
                  return parse_timeout(option, text).map([&request](std::chrono::milliseconds time) {
                      request.environment.wait_for_room = time;
                  });
              });
    table.add_flag(
        {"--interactive", "", "read commands about it (install, run, info, exit), then end it", "other"},
        request.interactive);
    table.add({"--owner-pid", "PID", "end the environment when this process ends", "other"},
              into(request.owner_pid, parse_count));
    add_tag_option(table, request.environment);
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

outcome<void> check(create_request& request, operand_words operands) {
    if (operands.words.size() > 1)
        return wrong_operands(operands, "one name at most");
    if (!operands.words.empty())
        request.environment.name = std::move(operands.words.front());
    if (request.owner_pid < 0)
        return bad_value(fmt::format("--owner-pid must be a process id, and is {}", request.owner_pid));
    if (request.interactive && request.owner_pid != 0)
        return bad_value("--interactive and --owner-pid are both given",
                         "with --interactive it ends with this program");
    if (request.interactive && request.format == output_format::json)
        return bad_value("--interactive and --format json are both given", "leave one of them out");
    return check_creation(request);
}

std::string description_of(const environment_spec& spec) {
    const auto name = spec.name.empty() ? std::string{"an environment"} : spec.name;
    return spec.installs() ? fmt::format("making {} and installing in it", name)
                           : fmt::format("making {}", name);
}

/// Ends with its commands, however long they take to come.
void prepare_interactive(create_request& request) {
    if (!request.environment.max_idle_time)
        request.environment.max_idle_time = unlimited;
    if (is_local(request.node))
        request.owner_pid = ::getpid();
}

/// What the node installs while it makes the environment has the node's network; `--offline` is this command's alone.
/// So it is made empty, and what was wanted is installed then.
environment create_offline(client& node, environment_spec spec, std::string& made_id) {
    install_request first;
    first.offline = true;
    first.project = std::exchange(spec.project, {});
    install_request then;
    then.offline = true;
    then.packages = std::exchange(spec.packages, {});
    then.requirements_files = std::exchange(spec.requirements_files, {});
    if (spec.requirements_file)
        then.requirements_files.insert(then.requirements_files.begin(),
                                       *std::exchange(spec.requirements_file, {}));
    auto made = node.create(std::move(spec));
    made_id = made.id();
    for (auto* what : {&first, &then})
        if (!what->empty())
            made.install(*what);
    return made;
}

/// An interrupted command leaves nothing behind.
void end_interrupted(const client_options& node, const std::string& id) {
    if (id.empty())
        return;
    try {
        client{node}.cleanup(id, true);
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
    }
}

int create(create_request& request) {
    if (request.interactive && request.global.in_console != nullptr) {
        print_error({error_code::invalid_argument,
                     "--interactive reads commands, and so does this console",
                     {},
                     "create NAME; use NAME"});
        return exit_status::usage;
    }
    std::optional<termination> signals; // before there are threads
    if (request.interactive) {
        prepare_interactive(request);
        request.global.signals = &signals.emplace();
    }
    const bool node_is_here = is_local(request.node);
    node_paths paths{node_is_here};
    if (auto good = paths.prepare(request.environment); !good) {
        print_error(good.error());
        return exit_status::usage;
    }
    if (auto good = fill_in_defaults(request, node_is_here); !good) {
        print_error(good.error());
        return exit_status::usage;
    }
    auto found = reach_node(request.node, request.global);
    if (!found)
        return report(request.global, found.error());
    found->owner_pid = request.owner_pid;
    std::string made_id;
    try {
        client node{*found};
        const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
        auto made = with_progress(description_of(request.environment), [&] {
            return request.global.offline ? create_offline(node, request.environment, made_id)
                                          : node.create(request.environment);
        });
        made_id = made.id();
        const auto info = made.info();
        made.release();
        for (const auto& note : info.notes)
            print_warning(note);
        if (request.interactive)
            return talk_about({info.id, info.name}, request.global, request.node, *request.global.signals);
        return print(request.format == output_format::json ? json_text(to_json_value(info))
                                                           : fmt::format("{}  {}\n", info.id, info.name));
    } catch (const ephemeral_exception& problem) {
        if (request.global.interrupted.stop_requested())
            end_interrupted(*found, made_id);
        return report(request.global, problem.details());
    }
}

} // namespace

constinit const command ephemeral_create_command{
    .name = "create",
    .description = "Makes an environment with its packages, which lives on in the node.",
    .operands = "[NAME]",
    .footer = create_footer,
    .action = acts_on<create_request, add_options, check, create>(),
};

} // namespace gestvenv::cli
