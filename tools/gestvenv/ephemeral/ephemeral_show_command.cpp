// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_show_command.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/ephemeral/environment_list.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/node/known_of_node.hpp"
#include "tools/gestvenv/node/sessions_of_node.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr const char* show_footer =
    R"(ENVIRONMENT is an id, the beginning of one (four characters or more), or a name, of any of your
programs. For at least an hour after its end, the reason and the receipt are shown. Of an environment of
the node its terminal sessions are shown, which `gestvenv ephemeral attach` comes back to.)";

} // namespace

int show_environment(environment_request& request) {
    auto known = known_environments_of(request.node, request.global.interrupted);
    if (!known)
        return report(request.global, known.error());
    auto found = pick(*known, request.wanted);
    if (!found) {
        auto problem = found.error();
        std::vector<std::string> names;
        for (const auto& item : *known)
            if (!item.name.empty())
                names.push_back(item.name);
        if (auto near = nearest_name(request.wanted, names))
            problem.hint = fmt::format("did you mean {}? gestvenv ephemeral list --all shows what there is",
                                       shown(*near));
        return report(problem);
    }
    std::optional<terminal_sessions> sessions;
    if (found->state == known_state::living) {
        auto told = sessions_of_node(request.node, found->id, request.global.interrupted);
        if (told)
            sessions = std::move(*told);
        else
            print_warning(fmt::format("its terminal sessions are not known: {}", told.error().message));
    }
    auto now = std::chrono::system_clock::now();
    return print(request.format == output_format::json ? environment_json(*found, now, sessions)
                                                       : environment_text(*found, now, sessions));
}

namespace {

std::vector<std::string> known_names(std::size_t place) {
    auto names = living_environments(place);
    if (place > 0 || !names.empty())
        return names;
    try {
        for (auto& item : find_known_environments().environments) {
            if (item.state == known_state::ended)
                continue;
            names.push_back(std::move(item.id));
            if (!item.name.empty())
                names.push_back(std::move(item.name));
        }
    } catch (const ephemeral_exception&) { // NOLINT(bugprone-empty-catch): what cannot be read has no names
    }
    return names;
}

} // namespace

constinit const command ephemeral_show_command{
    .name = "show",
    .description = "Shows one environment in detail, also after its end.",
    .operands = "ENVIRONMENT",
    .footer = show_footer,
    .complete = known_names,
    .action = acts_on<environment_request, add_environment_options, only_environment, show_environment>(),
};

} // namespace gestvenv::cli
