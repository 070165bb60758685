// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral_create_command.hpp"

#include "messages/validation.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/creation_defaults.hpp"
#include "tools/gestvenv/creation_options.hpp"
#include "tools/gestvenv/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/interpreter_wish.hpp"
#include "tools/gestvenv/json_output.hpp"
#include "tools/gestvenv/node_paths.hpp"
#include "tools/gestvenv/option_values.hpp"
#include "tools/gestvenv/output.hpp"
#include "tools/gestvenv/progress_line.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

struct create_request : creation_request {
    node_choice node;
    output_format format = output_format::table;
    /// 0: it has no owner.
    int owner_pid = 0;
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
  gestvenv ephemeral create build --packages build,twine --owner-pid $$)";

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
    return check_creation(request);
}

std::string description_of(const environment_spec& spec) {
    const auto name = spec.name.empty() ? std::string{"an environment"} : spec.name;
    return spec.installs() ? fmt::format("making {} and installing in it", name)
                           : fmt::format("making {}", name);
}

/// What the node installs while it makes the environment has the node's network; `--offline` is this command's alone.
/// So it is made empty, and what was wanted is installed then.
environment create_offline(client& node, environment_spec spec) {
    install_request first;
    first.offline = true;
    first.project = std::exchange(spec.project, {});
    install_request then;
    then.offline = true;
    then.packages = std::exchange(spec.packages, {});
    if (spec.requirements_file)
        then.requirements_files.push_back(*std::exchange(spec.requirements_file, {}));
    auto made = node.create(std::move(spec));
    for (auto* what : {&first, &then})
        if (!what->empty())
            made.install(*what);
    return made;
}

int create(create_request& request) {
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
        return report(found.error());
    found->owner_pid = request.owner_pid;
    try {
        client node{std::move(*found)};
        auto made = with_progress(description_of(request.environment), [&] {
            return request.global.offline ? create_offline(node, request.environment)
                                          : node.create(request.environment);
        });
        const auto info = made.info();
        made.release();
        for (const auto& note : info.notes)
            print_warning(note);
        return print(request.format == output_format::json ? json_text(to_json_value(info))
                                                           : fmt::format("{}  {}\n", info.id, info.name));
    } catch (const ephemeral_exception& problem) {
        return report(problem.details());
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
