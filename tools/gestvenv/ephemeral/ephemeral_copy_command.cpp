// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_copy_command.hpp"

#include "tools/gestvenv/ephemeral/copy_transfer.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr const char* copy_footer =
    R"(PATH is relative to the environment's work folder, which nothing leads out of. A DESTINATION that is
a folder gets the copy into it, under its name; a folder's content without its name is FOLDER/. and
what is there already stays beside it. Modes are kept, and links are copied as links; on the way out
those that lead out of the copy are left out, with a warning. Pipes, sockets and devices are not
copied, of which a warning tells on the way in.

- is standard output or input: the content of a file, and a tar stream for what is a folder in the
environment. A SOURCE or DESTINATION of this machine whose name has a colon is written with a / before
it: ./a:b.

The exit status is 1 for an environment that there is not, 2 for a mistake in the command line, and
125 for any other failure.

examples:
  gestvenv ephemeral cp data.csv ci-test:
  gestvenv ephemeral cp ci-test:reports ./out
  gestvenv ephemeral cp ci-test:log.txt - | tail
  tar c src | gestvenv ephemeral cp - ci-test:.)";

struct copy_request : environment_request {
    /// In the environment.
    std::string path;
    /// On this machine.
    std::string here;
    bool goes_in = false;
};

struct place_word {
    std::string environment;
    std::string path;
};

/// Unset: it is on this machine.
std::optional<place_word> in_environment(std::string_view word) {
    const auto colon = word.find(':');
    if (colon == std::string_view::npos || word.substr(0, colon).find('/') != std::string_view::npos)
        return std::nullopt;
    return place_word{std::string{word.substr(0, colon)}, std::string{word.substr(colon + 1)}};
}

void add_options(option_table& table, copy_request& request) {
    add_node_options(table, request.node);
}

outcome<void> check(copy_request& request, operand_words operands) {
    if (operands.words.size() != 2 || operands.words[0].empty() || operands.words[1].empty())
        return wrong_operands(operands, "a source and a destination");
    auto from = in_environment(operands.words[0]);
    auto to = in_environment(operands.words[1]);
    if (from && to)
        return bad_value(
            "source and destination are both in an environment",
            "copy to this machine first; or: gestvenv ephemeral cp A:PATH - | gestvenv ephemeral "
            "cp - B:PATH");
    if (!from && !to)
        return bad_value("neither the source nor the destination is in an environment",
                         "name one as ENVIRONMENT:PATH");
    request.goes_in = to.has_value();
    auto& there = request.goes_in ? *to : *from;
    if (there.environment.empty())
        return bad_value("there is no environment before the colon", "name it as ENVIRONMENT:PATH");
    if (there.path.starts_with('/'))
        return bad_value(fmt::format("{} is an absolute path", shown(there.path)),
                         "paths in an environment are relative to its work folder");
    request.wanted = std::move(there.environment);
    request.path = std::move(there.path);
    request.here = std::move(operands.words[request.goes_in ? 0 : 1]);
    return {};
}

void tell(const copied_files& done, bool verbose) {
    for (const auto& one : done.skipped)
        print_warning(fmt::format("left out: {}", one));
    if (done.all_skipped > done.skipped.size())
        print_warning(fmt::format("and {} more were left out", done.all_skipped - done.skipped.size()));
    if (verbose)
        print_log(fmt::format("copied {} entries of {} bytes", done.entries, done.bytes));
}

int copy(copy_request& request) {
    return with_node_of(request, [&](client& node) {
        const auto id = node.find(request.wanted).id;
        auto done = requests_to(request.node).and_then([&](node_requests requests) {
            requests.interrupted = request.global.interrupted;
            const environment_files place{std::move(requests), id};
            return request.goes_in ? copy_in(request.here, place, request.path)
                                   : copy_out(place, request.path, request.here);
        });
        if (done) {
            tell(*done, request.global.verbose);
            return 0;
        }
        if (request.global.interrupted.stop_requested())
            return exit_status::interrupted;
        print_error(done.error());
        return done.error().code == error_code::environment_not_found ? exit_status::unknown
                                                                      : exit_status::internal_error;
    });
}

std::vector<std::string> places_in_environments(std::size_t place) {
    std::vector<std::string> places;
    if (place > 1)
        return places;
    for (auto& name : living_names())
        if (!name.empty())
            places.push_back(std::move(name) + ":");
    return places;
}

} // namespace

constinit const command ephemeral_copy_command{
    .name = "cp",
    .description = "Copies files and folders into an environment of the node, or out of it.",
    .operands = "SOURCE ENVIRONMENT:PATH | ENVIRONMENT:PATH DESTINATION",
    .footer = copy_footer,
    .complete = places_in_environments,
    .action = acts_on<copy_request, add_options, check, copy>(),
};

} // namespace gestvenv::cli
