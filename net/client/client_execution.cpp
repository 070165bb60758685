// SPDX-License-Identifier: MIT
// Commands of a client: over a channel of their own where the node is on this machine, as a request elsewhere.
#include "messages/validation.hpp"
#include "net/client/client_core.hpp"
#include "net/client/environment_path.hpp"
#include "net/client/open_answer.hpp"
#include "net/execution/messages.hpp"
#include "system/process/command_link.hpp"
#include "system/process/output_sink.hpp"

namespace gestvenv {

namespace {

using patience = node_link::patience;

/// For a command of which nothing is known but that it runs: it ends with its request.
class remote_end final : public command_receiver {
public:
    explicit remote_end(std::stop_source stop) : stop_(std::move(stop)) {}
    void signal(protocol::signal) override {}
    void kill(std::uint64_t, std::chrono::milliseconds) override { stop_.request_stop(); }

private:
    std::stop_source stop_;
};

} // namespace

outcome<std::shared_ptr<execution::execution_client>> client_core::channel() {
    std::scoped_lock lock{mutex_};
    if (closed_)
        return failure(client_ended());
    if (!channel_) {
        auto started = execution::execution_client::start();
        if (!started)
            return failure(started.error());
        channel_ = std::move(*started);
    }
    return channel_;
}

void client_core::execute(const std::string& environment, command_spec command, output_receiver receiver,
                          callback<operation_result> done) {
    auto asked = std::make_shared<open_answer<operation_result>>(
        [link = receiver.link, done = std::move(done)](outcome<operation_result> result) {
            if (link)
                link->end();
            done(std::move(result));
        });
    if (auto good = validate(command); !good)
        return asked->give(failure(good.error()));
    (void)threads_.post([this, environment, command = std::move(command), receiver = std::move(receiver),
                         asked]() mutable {
        if (!is_local())
            return asked->give(execute_remotely(environment, command, receiver));
        auto socket = open_channel(environment);
        auto carrier = channel();
        if (!socket || !carrier)
            return asked->give(failure(socket ? carrier.error() : socket.error()));
        (*carrier)->execute(std::move(*socket), std::move(command), std::move(receiver), false,
                            [asked](outcome<operation_result> result) { asked->give(std::move(result)); });
    });
}

outcome<descriptor> client_core::open_channel(const std::string& environment) {
    auto socket = link_.upgrade(environment_path(environment, "execute"), execution::protocol_name);
    if (socket)
        return socket;
    // A refusal has no code: the usual reason has.
    if (auto found = ask<environment_info>("GET", environment_path(environment)); !found)
        return failure(found.error());
    return socket;
}

outcome<operation_result> client_core::execute_remotely(const std::string& environment,
                                                        const command_spec& command,
                                                        const output_receiver& receiver) {
    if (command.streams != stream_mode::capture || command.terminal || !command.passed_descriptors.empty())
        return failure(error_code::invalid_argument,
                       "a node on another machine can have neither streams nor descriptors of this process",
                       "leave streams, terminal and passed_descriptors as they are");
    std::stop_source stop;
    auto by = std::make_shared<remote_end>(stop);
    if (receiver.link)
        receiver.link->begin(std::weak_ptr<command_receiver>{by}, 0);
    auto answer = link_.ask("POST", environment_path(environment, "execute"), to_json_value(command).dump(),
                            patience::work, stop.get_token());
    auto result = value_of<operation_result>(answer);
    if (!result && answer)
        if (auto problem = problem_in(*answer); problem.result)
            result = std::move(*problem.result);
    if (result && receiver.sink) {
        // It is in memory already: there is nothing to wait for where the host is slow.
        (void)receiver.sink->take(output_stream::standard_output, result->stdout_text);
        (void)receiver.sink->take(output_stream::standard_error, result->stderr_text);
    }
    return result;
}

} // namespace gestvenv
