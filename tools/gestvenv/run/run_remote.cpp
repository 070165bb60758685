// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_remote.hpp"

#include "messages/json.hpp"
#include "messages/text_encoding.hpp"
#include "messages/validation.hpp"
#include "net/client/environment_path.hpp"
#include "net/client/problem_document.hpp"
#include "net/http/client.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/event_stream.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/caller_variables.hpp"
#include "tools/gestvenv/run/run_execution.hpp"
#include "tools/gestvenv/run/variable_file.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/limit_reached.hpp>
#include <gestvenv/operation_info.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

/// A refusal is no stream of events.
constexpr std::size_t largest_refusal = 64 << 10;
/// Of a file that is the command's input; a request takes some more than this.
constexpr std::size_t largest_input = std::size_t{32} << 20;

http::server_address address_of(const client_options& options) {
    http::server_address where;
    where.socket = options.socket;
    where.host = options.host;
    where.port = options.port;
    where.encrypted = options.socket.empty() && options.encrypted;
    where.authorities = options.authorities;
    return where;
}

tl::unexpected<error> not_elsewhere(std::string_view option, std::string hint) {
    return bad_value(fmt::format("{} cannot reach a node on another machine", option), std::move(hint));
}

/// A file is sent; what comes through a pipe may never end, and would hold the command up.
outcome<void> take_input(command_spec& command) {
    struct stat status {};
    if (::fstat(STDIN_FILENO, &status) != 0 || S_ISCHR(status.st_mode))
        return {};
    if (!S_ISREG(status.st_mode)) {
        print_warning(
            "CMD has no input: a pipe does not reach a node on another machine; a file does (<FILE)");
        return {};
    }
    std::array<char, 65536> piece{};
    for (;;) {
        const auto count = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_failure(errno, "cannot read standard input");
        if (count == 0)
            return {};
        command.standard_input.append(piece.data(), static_cast<std::size_t>(count));
        if (command.standard_input.size() > largest_input)
            return failure(error_code::invalid_argument,
                           fmt::format("standard input is a file of more than {} MiB", largest_input >> 20),
                           "copy it into the environment first");
    }
}

/// The node's events of one command: its output, and at last its operation.
class remote_command {
public:
    /// False: the connection is of no more use.
    bool take(std::string_view data) {
        auto event = parse_json(data);
        if (!event || !event->is_object())
            return is_unreadable();
        if (event->contains("stream"))
            return show(*event);
        if (event->contains("bytes"))
            return is_unreadable(); // a gap, which who runs a command never has
        if (event->contains("status")) {
            auto info = from_json_value<operation_info>(*event);
            if (!info)
                return is_unreadable();
            end_ = std::move(*info);
        }
        return true;
    }

    const std::optional<operation_info>& end() const noexcept { return end_; }
    const std::optional<error>& problem() const noexcept { return problem_; }

private:
    bool is_unreadable() {
        problem_ = {error_code::node_unreachable,
                    "what the node sends cannot be read",
                    {},
                    "it may be of another version"};
        return false;
    }

    bool show(const nlohmann::json& event) {
        const int to = event.value("stream", "") == "stderr" ? STDERR_FILENO : STDOUT_FILENO;
        std::string bytes;
        if (const auto text = event.find("text"); text != event.end() && text->is_string())
            bytes = text->get<std::string>();
        else if (const auto coded = event.find("base64"); coded != event.end() && coded->is_string()) {
            auto decoded = from_base64(coded->get<std::string>());
            if (!decoded)
                return is_unreadable();
            bytes = std::move(*decoded);
        }
        if (write_all(to, bytes))
            return true;
        // The command's reader has gone: it ends with its connection, as it would by a SIGPIPE here.
        problem_ = system_failure(errno, "cannot write the output of the command").value();
        return false;
    }

    std::optional<operation_info> end_;
    std::optional<error> problem_;
};

void conclude_operation(const operation_info& info, ending& end) {
    if (info.problem)
        return end.failed(*info.problem, exit_status::internal_error);
    if (!info.result)
        return end.failed({error_code::node_unreachable, "the node tells no result", {}, {}},
                          exit_status::internal_error);
    const auto& result = *info.result;
    end.status = result.returncode;
    for (const auto& limit : result.limits_reached)
        end.limits.push_back({error_code::resources_exhausted, description_of(limit), {}, remedy_for(limit)});
    if (result.timed_out)
        end.failed({error_code::command_timed_out,
                    "the command did not end within its timeout and was ended with all its descendants",
                    info.environment, "give it more time, or find out what it waits for"},
                   exit_status::timed_out);
}

error with_names(error problem, const client_options& options, const std::string& wanted) {
    living_at_node there;
    there.is_here = false;
    try {
        client node{options};
        there.living = node.list();
    } catch (const ephemeral_exception&) { // NOLINT(bugprone-empty-catch): the first error is the news
    }
    return with_nearest_names(std::move(problem), wanted, there);
}

void run_at(const client_options& options, const run_request& request, termination& signals, ending& end) {
    auto connection = http::client::connect(address_of(options), {});
    if (!connection)
        return end.failed(connection.error(), exit_status::internal_error);
    auto command = request.command;
    // It comes while the command runs, and is not wanted a second time.
    command.memory_limit = 0;
    command.output_limit = 0;
    http::request asked;
    asked.method = "POST";
    asked.target = "/api/v1" + environment_path(*request.existing, "execute");
    asked.body = to_json_value(command).dump();
    asked.headers.add("Content-Type", "application/json");
    asked.headers.add("Accept", "text/event-stream");
    if (!options.token.empty())
        asked.headers.add("Authorization", "Bearer " + options.token);
    signals.stop_with([&connection] { connection->cancel(); });
    event_reader reader;
    remote_command running;
    std::string refusal;
    auto answer = connection->ask_streamed(asked, [&](std::string_view piece) {
        refusal.append(piece.substr(0, largest_refusal - std::min(refusal.size(), largest_refusal)));
        return reader.read(piece, [&running](std::string_view data) { return running.take(data); });
    });
    signals.stop_no_more();
    if (running.end())
        return conclude_operation(*running.end(), end);
    if (signals.received() != 0)
        return; // it ends the program
    if (running.problem())
        return end.failed(*running.problem(), exit_status::internal_error);
    if (!answer)
        return end.failed(answer.error(), exit_status::internal_error);
    answer->body = std::move(refusal);
    if (answer->status >= 400)
        return end.failed(with_names(problem_in(*answer).what, options, *request.existing),
                          exit_status::internal_error);
    end.failed({error_code::node_unreachable, "the connection to the node ended before the command did",
                *request.existing, "the command has been ended with it"},
               exit_status::internal_error);
}

} // namespace

outcome<void> prepare_for_elsewhere(run_request& request) {
    auto& command = request.command;
    if (!command.passed_descriptors.empty())
        return not_elsewhere("--pass-fd", "send a file as the command's input: <FILE");
    if (!request.artifacts.empty())
        return not_elsewhere("--artifacts",
                             "let the command print what you need, or copy it on that machine");
    if (request.installs_missing)
        return not_elsewhere("--install", "gestvenv ephemeral install installs there");
    if (request.home == home_folder::host)
        return not_elsewhere("--home host", "name a folder of that machine: --set-env HOME=/...");
    if (command.streams == stream_mode::capture)
        return not_elsewhere("--output-limit",
                             "the output comes while the command runs; cut it with head -c");
    if (!command.working_directory.empty() && !command.working_directory.is_absolute())
        return bad_value(
            fmt::format("--cwd {} is relative, and the node is on another machine",
                        shown(command.working_directory.native())),
            "give the absolute path of a folder there; without --cwd it is the environment's own");
    command.streams = stream_mode::capture;
    auto variables = named_variables(variables_of_this_process(), request.passed_variables);
    for (const auto& file : request.variable_files) {
        auto read = read_variable_file(file);
        if (!read)
            return failure(std::move(read).error());
        for (auto& [name, value] : *read)
            variables.insert_or_assign(name, std::move(value));
    }
    for (auto& [name, value] : command.variables)
        variables.insert_or_assign(name, std::move(value));
    command.variables = std::move(variables);
    return gestvenv::validate(command);
}

bool is_run_elsewhere(const run_request& request) {
    return request.existing && !is_local(request.node);
}

int run_elsewhere(run_request& request) {
    // First: for TLS it goes on in another program, which then reads the input.
    auto node = find_node(request.node);
    if (!node || !*node) {
        print_error(node ? error{error_code::node_unreachable, "no node is named", {}, {}} : node.error());
        return exit_status::internal_error;
    }
    auto good = prepare_for_elsewhere(request)
                    .and_then([&request] { return take_input(request.command); })
                    .and_then([&request] { return gestvenv::validate(request.command); });
    if (!good) {
        print_error(good.error());
        return exit_status::usage;
    }
    termination signals;
    ending end;
    run_at(**node, request, signals, end);
    return conclude(end, signals);
}

} // namespace gestvenv::cli
