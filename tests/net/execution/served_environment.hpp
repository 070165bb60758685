// SPDX-License-Identifier: MIT
// An environment of a real runtime behind an execution server, and a client beside it.
#pragma once

#include "net/execution/execution_client.hpp"
#include "net/execution/execution_server.hpp"
#include "runtime/runtime_access.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/command_link.hpp"
#include "tests/support/answer.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv::test {

inline command_spec shell(std::string text) {
    command_spec command;
    command.text = std::move(text);
    command.shell = true;
    return command;
}

struct served_environment {
    explicit served_environment(execution::execution_server::bounds allowed = {}) {
        auto serving = execution::execution_server::start(allowed);
        REQUIRE(serving);
        server = std::move(*serving);
        auto asking = execution::execution_client::start();
        REQUIRE(asking);
        client = std::move(*asking);
        env.emplace(machine.create());
    }

    /// The client's end of a connection that is served.
    descriptor connect(std::string id = {}) const {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        auto host = runtime_access::host_of(machine);
        server->serve(
            descriptor{ends[0]},
            [host, id = id.empty() ? env->id() : id](command_spec command, output_receiver with, auto done) {
                host->execute(id, std::move(command), std::move(with), std::move(done));
            },
            [](command_link& command) { command.kill(std::chrono::milliseconds{0}); });
        return descriptor{ends[1]};
    }

    std::future<outcome<operation_result>> begin(command_spec command, output_receiver with = {},
                                                 bool stays = false) const {
        auto promise = std::make_shared<std::promise<outcome<operation_result>>>();
        client->execute(
            connect(), std::move(command), std::move(with), stays,
            [promise](outcome<operation_result> result) { promise->set_value(std::move(result)); });
        return promise->get_future();
    }

    outcome<operation_result> run(command_spec command, output_receiver with = {}) const {
        return taken(begin(std::move(command), std::move(with)));
    }

    static outcome<operation_result> taken(std::future<outcome<operation_result>> result) {
        if (result.wait_for(std::chrono::seconds{60}) != std::future_status::ready)
            FAIL("no answer comes");
        return result.get();
    }

    static runtime_options options_in(const temporary_folder& folder) {
        runtime_options options;
        options.launcher = built_launcher;
        options.state_root = folder.path() / "state";
        options.config.base_storage_path = folder.path() / "storage";
        return options;
    }

    temporary_folder folder;
    runtime machine{options_in(folder)};
    std::unique_ptr<execution::execution_server> server;
    std::unique_ptr<execution::execution_client> client;
    std::optional<environment> env;
};

} // namespace gestvenv::test
