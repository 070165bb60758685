// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_command.hpp"

#include "messages/iso_time.hpp"
#include "messages/json.hpp"
#include "net/http/client.hpp"
#include "net/node/node.hpp"
#include "net/node/node_place.hpp"
#include "net/node/node_start.hpp"
#include "system/journal/state_folder.hpp"
#include "system/posix/process_handle.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/full_program.hpp"
#include "tools/gestvenv/node/log_view.hpp"
#include "tools/gestvenv/node/node_open_command.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <stop_token>
#include <utility>

namespace gestvenv::cli {

namespace {

using format = node_request::output_format;

constexpr std::array formats{format::table, format::json};

/// Until a node that was told to end has ended: its environments need a while.
constexpr std::chrono::seconds end_limit{50};
constexpr std::chrono::seconds kill_limit{5};

/// Of `node status` where there is none.
constexpr int no_node = 1;

constexpr const char* node_footer =
    R"(Commands that need a node start one where there is none. It ends by itself 30 seconds after its last
environment.

examples:
  gestvenv node start
  gestvenv node start --listen 127.0.0.1:8080
  gestvenv node status
  gestvenv node open
  gestvenv node stop)";

constexpr const char* start_footer =
    R"(Without --foreground the node becomes a process of its own, in a session of its own; it keeps the
variables by which runners of CI jobs find what a job has left, and so ends with the job, unless
--outlive-job is given.
TCP needs a token (gestvenv token create), and beyond this machine a certificate.)";

node_place place() {
    return node_place{default_state_root(python::search_context_from_process().writable_home)};
}

void add_start_options(option_table& table, node_request& request) {
    table.add_flag({"--foreground", "", "stay in the foreground and log to standard error", "options"},
                   request.foreground);
    table.add({"--socket", "FILE", "the Unix socket (default: in the user's runtime folder)", "options"},
              into(request.socket, any_text));
    table.add_repeatable(
        {"--listen", "ADDRESS", "also listen at this address of TCP, as 127.0.0.1:8080", "options"},
        [&request](const auto& option, const auto& text) {
            return any_text(option, text).map([&request](std::string value) {
                request.listen.push_back(std::move(value));
            });
        });
    table.add({"--tls-certificate", "FILE", "the certificate chain for TCP, as PEM", "options"},
              into(request.certificate, any_text));
    table.add({"--tls-key", "FILE", "its key, as PEM", "options"}, into(request.key, any_text));
    table.add_repeatable(
        {"--host-name", "NAME", "a further name by which clients may call this node over TCP", "options"},
        [&request](const auto& option, const auto& text) {
            return any_text(option, text).map([&request](std::string value) {
                request.host_names.push_back(std::move(value));
            });
        });
    table.add(
        {"--idle-end", "TIME",
         "end after so long without an environment, a stream or an operation (default: 30), or unlimited",
         "options"},
        into(request.idle_end, parse_lifetime));
    add_choice(table,
               {"--format", "FORMAT", "table (default) or json: of a node in the background", "options"},
               request.format, formats);
    table.add_flag({"--outlive-job", "", "go on when the job of a CI runner ends", "options"},
                   request.outlives_job);
    table.add({"--log-format", "FORMAT", "text (default) or json", "options"},
              into(request.log_format, any_text));
    table.add({"--log-level", "LEVEL", "debug, info (default), warning or error", "options"},
              into(request.log_level, any_text));
    table.add({"--log-file", "FILE",
               "the log (default: standard error; in the background, what node logs shows)", "options"},
              into(request.log_file, any_text));
    table.add({"--usual-log-file", "FILE", "", ""}, into(request.usual_log_file, any_text));
    table.add({"--ready-descriptor", "N", "", ""}, into(request.ready_descriptor, parse_count));
}

void add_format(option_table& table, node_request& request) {
    add_choice(table, {"--format", "FORMAT", "table (default) or json", "options"}, request.format, formats);
}

void add_log_options(option_table& table, node_request& request) {
    table.add({"--lines", "N", "how many, the last ones (default: 100)", "options", "-n"},
              into(request.lines, parse_count));
    table.add_flag({"--follow", "", "and those that come, until Ctrl-C", "options", "-f"}, request.follow);
}

int run_in_foreground(const node_request& request) {
    node_options options;
    options.socket = request.socket;
    options.listen = request.listen;
    options.certificate = request.certificate;
    options.key = request.key;
    options.host_names = request.host_names;
    options.configuration_file = request.global.configuration_file;
    options.offline = request.global.offline;
    options.idle_end = request.idle_end == unlimited ? std::chrono::seconds::max() : request.idle_end;
    options.ready_descriptor = request.ready_descriptor;
    options.log_format = request.log_format;
    options.log_level = request.log_level;
    options.log_file = request.log_file;
    options.usual_log_file = request.usual_log_file;
    if (auto ended = run_node(options); !ended) {
        print_error(ended.error());
        return exit_status::of(ended.error().code);
    }
    return 0;
}

std::vector<std::string> words_for(const node_request& request) {
    std::vector<std::string> words;
    const auto add = [&words](std::string option, const std::string& value) {
        if (value.empty())
            return;
        words.push_back(std::move(option));
        words.push_back(value);
    };
    const auto absolute = [](const std::string& path) {
        return path.empty() ? path : std::filesystem::absolute(path).string(); // it starts in another folder
    };
    add("--socket", absolute(request.socket));
    for (const auto& one : request.listen)
        add("--listen", one);
    add("--tls-certificate", absolute(request.certificate));
    add("--tls-key", absolute(request.key));
    add("--log-format", request.log_format);
    add("--log-level", request.log_level);
    add("--log-file", absolute(request.log_file));
    for (const auto& one : request.host_names)
        add("--host-name", one);
    add("--idle-end",
        request.idle_end == unlimited ? "unlimited" : fmt::format("{}", request.idle_end.count()));
    add("--config", absolute(request.global.configuration_file));
    if (request.global.offline)
        words.emplace_back("--offline");
    return words;
}

int start(node_request& request) {
    if (request.foreground && request.global.in_console != nullptr) {
        print_error(bad_value("--foreground is for a program that is a node alone",
                              "leave it out, or type it in a shell")
                        .value());
        return exit_status::usage;
    }
    if (request.foreground)
        return run_in_foreground(request);
    auto program = full_program();
    if (!program) {
        print_error(program.error());
        return exit_status::internal_error;
    }
    node_start_options options;
    options.program = std::move(*program);
    options.arguments = words_for(request);
    options.outlives_job = request.outlives_job;
    auto started = start_node(place(), options);
    if (!started) {
        print_error(started.error());
        return exit_status::internal_error;
    }
    const auto& record = started->record;
    if (started->was_there)
        print_warning(fmt::format("a node runs already (process {}); options of this command have no effect",
                                  record.pid));
    if (request.format == format::json)
        return print(to_json_value(record).dump(2) + "\n");
    return print(fmt::format("node {} is ready at {}\n", record.pid, record.socket));
}

outcome<std::optional<node_record>> find() {
    return place().living();
}

outcome<void> ask_to_stop(const node_record& record) {
    http::request request;
    request.method = "POST";
    request.target = "/api/v1/system/stop";
    auto client = http::client::connect({.socket = record.socket}, {});
    if (!client)
        return failure(std::move(client).error());
    return client->ask(request).map([](const http::response&) {});
}

/// False after `end_limit`, and after an interruption.
bool wait_for_end(const process_handle& process, const std::stop_token& interrupted) {
    const auto until = std::chrono::steady_clock::now() + end_limit;
    do {
        if (has_ended(process, look_interval))
            return true;
    } while (!interrupted.stop_requested() && std::chrono::steady_clock::now() < until);
    return false;
}

int stop(node_request& request) {
    auto found = find();
    if (!found) {
        print_error(found.error());
        return exit_status::internal_error;
    }
    const bool json = request.format == format::json;
    const char* none = json ? "null\n" : "no node runs\n";
    if (!*found)
        return print(none);
    const auto& record = **found;
    auto process = open_process(record.pid);
    if (!process)
        return print(none);
    // One that does not answer hears a signal; its environments end as well.
    if (auto asked = ask_to_stop(record); !asked)
        (void)send_signal(*process, SIGTERM);
    if (!wait_for_end(*process, request.global.interrupted)) {
        if (request.global.interrupted.stop_requested()) {
            print_log(fmt::format("node {} goes on ending", record.pid));
            return exit_status::interrupted;
        }
        print_warning(fmt::format("node {} does not end, and is killed", record.pid));
        (void)send_signal(*process, SIGKILL);
        if (!has_ended(*process, kill_limit)) {
            print_error({error_code::deadline_exceeded,
                         fmt::format("node {} cannot be killed", record.pid),
                         {},
                         "see what holds it: ps -o stat,wchan -p " + std::to_string(record.pid)});
            return exit_status::internal_error;
        }
    }
    return print(json ? to_json_value(record).dump(2) + "\n"
                      : fmt::format("node {} has ended\n", record.pid));
}

int status(node_request& request) {
    auto found = find();
    if (!found) {
        print_error(found.error());
        return exit_status::internal_error;
    }
    if (!*found) {
        if (auto printed = print(request.format == format::json ? "null\n" : "no node runs\n"); printed != 0)
            return printed;
        return no_node;
    }
    const auto& record = **found;
    if (request.format == format::json)
        return print(to_json_value(record).dump(2) + "\n");
    std::string text = fmt::format("process   {}\nversion   {}\nsince     {}\nsocket    {}\n", record.pid,
                                   record.version, to_iso_time(record.started_at), record.socket);
    for (const auto& one : record.listens)
        text += fmt::format("listens   {}\n", one);
    return print(text);
}

int logs(node_request& request) {
    return show_log(place().log(), request.lines, request.follow, request.global.interrupted);
}

outcome<void> no_words(node_request& request, operand_words operands) {
    return no_operands(request, std::move(operands));
}

constexpr command start_command{
    .name = "start",
    .description = "Starts a node, in the background unless --foreground is given.",
    .footer = start_footer,
    .needs_encryption = true,
    .action = acts_on<node_request, add_start_options, no_words, start>(),
};

constexpr command stop_command{
    .name = "stop",
    .description = "Ends the node with all its environments.",
    .action = acts_on<node_request, add_format, no_words, stop>(),
};

constexpr command status_command{
    .name = "status",
    .description = "Shows the node; the exit status is 1 if none runs.",
    .action = acts_on<node_request, add_format, no_words, status>(),
};

constexpr command logs_command{
    .name = "logs",
    .description = "Shows the log of the nodes that were started in the background.",
    .action = acts_on<node_request, add_log_options, no_words, logs>(),
};

constexpr std::array commands{&start_command, &stop_command, &status_command, &logs_command,
                              &node_open_command};

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::table ? "table" : "json";
}

constinit const command node_command{
    .name = "node",
    .description = "Starts, ends and shows the node, which holds environments between commands.",
    .footer = node_footer,
    .commands = commands,
};

} // namespace gestvenv::cli
