// SPDX-License-Identifier: MIT
#include "net/execution/messages.hpp"
#include "net/operations/followed_sink.hpp"
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "net/rest/server_events.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_info.hpp>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

/// Of a stream's output that an answer holds; more is in the environment's files, or in the stream of the operation.
constexpr std::int64_t most_in_answer = std::int64_t{16} << 20;

bool wants_stream(const call& what) {
    const auto* accepts = what.asked().headers.find("Accept");
    return accepts != nullptr && accepts->find("text/event-stream") != std::string::npos;
}

/// What a client in another process cannot ask for.
outcome<void> check_remote(const command_spec& command) {
    if (command.streams != stream_mode::capture || command.terminal || !command.passed_descriptors.empty())
        return failure(
            error_code::invalid_argument,
            "streams, terminal and passed_descriptors are of the calling process, which this request is not",
            "leave them out; the node's machine itself: gestvenv run --env");
    return {};
}

void answer_result(const call& what, const operation_info& info) {
    if (info.problem)
        return what.refuse(*info.problem);
    if (info.result->timed_out) {
        const error late{error_code::command_timed_out,
                         "the command did not end within its timeout and was ended with all its descendants",
                         info.environment, "give it more time, or find out what it waits for"};
        return what.exchange->answer(problem(late, {{"result", to_json_value(*info.result)}}));
    }
    what.answer(200, to_json_value(*info.result));
}

/// For who waits for the end of an operation on the server's thread, before or after it.
class awaited_end {
public:
    void ended(const operation_info& info) {
        info_ = info;
        if (auto hear = std::exchange(hear_, nullptr))
            hear(*info_);
    }
    void await(std::function<void(const operation_info&)> hear) {
        if (info_)
            return hear(*info_);
        hear_ = std::move(hear);
    }

private:
    std::optional<operation_info> info_;
    std::function<void(const operation_info&)> hear_;
};

void start(const call& what, operation_request request) {
    ask<operation_info>(
        what, what.node->operations(), [](operation_info&) {}, start_atom_v, std::move(request));
}

void start_and_tell(const call& what, operation_request request) {
    ask<operation_info>(
        what, what.node->operations(),
        [what](operation_info& begun) { what.answer(202, to_json_value(begun)); }, start_atom_v,
        std::move(request));
}

void execute(const call& what, const environment_info& where, command_spec command) {
    operation_request request;
    request.environment = where.id;
    request.owner = what.who.id;
    request.trace = what.trace;
    request.output = std::make_shared<operation_output>();
    request.what = std::move(command);
    const bool stays = what.flag("stay");
    if (wants_stream(what)) {
        auto output = request.output;
        auto end = std::make_shared<awaited_end>();
        request.done = [node = what.node, end](const operation_info& info) {
            node->server->post([end, info] { end->ended(info); });
        };
        output->owner_has_read(0); // from the first byte on
        output_source source{
            std::move(output),
            0,
            true,
            [end](std::function<void(const operation_info&)> hear) { end->await(std::move(hear)); },
            {}};
        if (!stays) {
            request.connection = what.node->new_connection();
            source.gone = [connection = request.connection] {
                caf::anon_send_exit(connection, caf::exit_reason::user_shutdown);
            };
        }
        send_output(*what.node, what.exchange->begin(event_stream_head()), std::move(source));
        return start(what, std::move(request));
    }
    if (!what.flag("wait", true))
        return start_and_tell(what, std::move(request));
    if (!stays)
        request.connection = what.node->connection_of(*what.exchange);
    request.done = [what](const operation_info& info) {
        what.node->server->post([what, info] { answer_result(what, info); });
    };
    start(what, std::move(request));
}

bool asks_for_channel(const call& what) {
    const auto* protocol = what.asked().headers.find("Upgrade");
    return protocol != nullptr && *protocol == execution::protocol_name;
}

// The command comes over the connection itself, with its client's streams and terminal.
void carry(const call& what, const environment_info& where) {
    auto who = what.who.id;
    what.exchange->upgrade(execution::protocol_name, [node = what.node, id = where.id, who = std::move(who),
                                                      trace = what.trace](descriptor socket) {
        // Both functions run on the thread of the server of commands.
        auto connection = std::make_shared<caf::actor>();
        auto begin = [node, id, who, trace, connection](command_spec command, output_receiver receiver,
                                                        auto done) {
            *connection = node->new_connection();
            operation_request request;
            request.environment = id;
            request.owner = who;
            request.trace = trace;
            request.what = std::move(command);
            request.output = std::make_shared<operation_output>();
            receiver.sink = receiver.sink ? followed_sink::make(std::move(receiver.sink), request.output)
                                          : std::shared_ptr<output_sink>{request.output};
            request.carried = std::move(receiver);
            request.connection = *connection;
            auto end_connection = [its = *connection] {
                caf::anon_send_exit(its, caf::exit_reason::user_shutdown);
            };
            request.done = [done, end_connection](const operation_info& info) {
                end_connection();
                done(info.problem ? outcome<operation_result>{failure(*info.problem)}
                                  : outcome<operation_result>{*info.result});
            };
            // What does not begin has no end to be told of.
            node->runtime->begin_at<operation_info>(
                node->operations(),
                [done, end_connection](const outcome<operation_info>& begun) {
                    if (begun)
                        return;
                    end_connection();
                    done(failure(begun.error()));
                },
                start_atom_v, std::move(request));
        };
        // The operation hears of it, ends the command and says why.
        auto lose = [connection](command_link&) {
            caf::anon_send_exit(*connection, caf::exit_reason::user_shutdown);
        };
        node->commands->serve(std::move(socket), std::move(begin), std::move(lose));
    });
}

void execute(call what) {
    if (asks_for_channel(what)) {
        if (!what.asked().from.local)
            return what.refuse({error_code::invalid_argument,
                                "descriptors can be passed over the node's Unix socket alone",
                                {},
                                "send the command as a body"});
        return with_environment(what, [what](const environment_info& where) { carry(what, where); });
    }
    auto command = body_of<command_spec>(what);
    if (!command)
        return;
    if (auto good = check_remote(*command); !good)
        return what.refuse(good.error());
    command->memory_limit = std::min(command->memory_limit, most_in_answer);
    with_environment(what, [what, kept = std::make_shared<command_spec>(std::move(*command))](
                               const environment_info& where) { execute(what, where, std::move(*kept)); });
}

template <class Request>
void change_packages(call what) {
    auto wanted = body_of<Request>(what);
    if (!wanted)
        return;
    if constexpr (std::is_same_v<Request, install_request>)
        for (const auto& file : wanted->requirements_files)
            if (auto good = check_file_of_client(file); !good)
                return what.refuse(good.error());
    with_environment(
        what, [what, kept = std::make_shared<Request>(std::move(*wanted))](const environment_info& where) {
            operation_request request;
            request.environment = where.id;
            request.owner = what.who.id;
            request.trace = what.trace;
            request.what = std::move(*kept);
            if (!what.flag("wait", true))
                return start_and_tell(what, std::move(request));
            request.done = [what](const operation_info& info) {
                what.node->server->post([what, info] {
                    if (info.problem)
                        what.refuse(*info.problem);
                    else
                        what.answer(200, to_json_value(*info.packages));
                });
            };
            start(what, std::move(request));
        });
}

void packages(call what) {
    with_environment(what, [what](const environment_info& where) {
        pass_on<std::vector<installed_package>>(what, packages_atom_v, where.id);
    });
}

/// As `check_remote` has it.
nlohmann::json remote_command(schema_components& components) {
    auto schema = schema_of<command_spec>(components);
    auto& fields = components.named.at("command_spec_input")["properties"];
    fields["streams"] = {{"const", "capture"}};
    fields["terminal"] = {{"type", "null"}};
    fields["passed_descriptors"] = {{"type", "array"}, {"maxItems", 0}};
    components.named.erase("command_terminal_input");
    components.named.erase("stream_mode");
    return schema;
}

constexpr query_parameter wait{
    "wait", kind::flag, "whether to wait for what comes of it (default true); else it is an operation"};
constexpr std::array execute_query{
    wait,
    query_parameter{"stay", kind::flag,
                    "go on when the client goes; else the command ends with its connection"},
};
constexpr std::array wait_query{wait};

constexpr std::array execute_answers{
    route_answer{200, "the command has ended, whatever its exit status", schema_of<operation_result>},
    route_answer{200, "its output while it runs: events `output`, `gap` and at last `end`", nullptr,
                 "text/event-stream"},
    route_answer{202, "it runs", schema_of<operation_info>},
};
constexpr std::array change_answers{
    route_answer{200, "what has changed", schema_of<install_result>},
    route_answer{202, "it is under way", schema_of<operation_info>},
};
constexpr std::array packages_answer{
    route_answer{200, "what is installed", schema_of<std::vector<installed_package>>}};

const std::array page{
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments/{env}/execute",
          .operation_id = "execute",
          .summary = "Runs a command. With Accept: text/event-stream its output comes while it runs.",
          .needs = right::write,
          .query = execute_query,
          .body = remote_command,
          .body_bounds = {std::uint64_t{64} << 20, false},
          .answers = execute_answers,
          .idempotent_by_key = true,
          .handle = execute},
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments/{env}/install",
          .operation_id = "install",
          .summary = "Installs packages.",
          .needs = right::write,
          .query = wait_query,
          .body = schema_of<install_request>,
          .answers = change_answers,
          .handle = change_packages<install_request>},
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments/{env}/uninstall",
          .operation_id = "uninstall",
          .summary = "Removes packages.",
          .needs = right::write,
          .query = wait_query,
          .body = schema_of<uninstall_request>,
          .answers = change_answers,
          .handle = change_packages<uninstall_request>},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/packages",
          .operation_id = "listPackages",
          .summary = "Lists installed packages, as the backend does.",
          .answers = packages_answer,
          .handle = packages},
};

} // namespace

std::span<const route> work_page() {
    return page;
}

} // namespace gestvenv::rest
