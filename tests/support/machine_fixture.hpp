// SPDX-License-Identifier: MIT
// A real machine, its launcher and one environment, beneath all actors.
#pragma once

#include "system/limits/cgroup.hpp"
#include "system/process/local_machine.hpp"
#include "system/random_identifier.hpp"
#include "tests/support/answer.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace gestvenv::test {

/// The test that calls this runs once with each.
inline containment each_containment() {
    return GENERATE(containment::pid_namespace, containment::cgroup, containment::subreaper);
}

/// A machine with one environment in it, without an interpreter: what holds here holds for every program.
class machine_fixture {
public:
    explicit machine_fixture(containment limit = containment::pid_namespace,
                             storage_backend storage = storage_backend::tmpfs,
                             const resource_limits& limits = {},
                             shared_memory whose = shared_memory::private_)
        : shm(whose) {
        launcher_start_options options;
        options.program = built_launcher;
        options.attach_root = (root.path() / "attach").string();
        options.limit = limit;
        auto started = local_machine::start(options, [this] { lost.set_value(); });
        REQUIRE(started);
        machine = std::move(*started);
        std::tie(created, keeper_started) = make(id, storage, limits);
    }

    /// An environment besides, of the same kind; its id.
    std::string make_another() {
        auto other = random_identifier();
        make(other, storage_backend::tmpfs, {});
        return other;
    }

    process_request shell(const std::string& script) {
        process_request request;
        request.program.command = next++;
        request.program.arguments = {"/bin/sh", "-c", script};
        request.program.variables = {{"PATH", "/usr/bin:/bin"}};
        request.program.working_directory = created.storage_path + "/work";
        request.memory_limit = 1 << 20;
        request.output_limit = 4 << 20;
        request.host_path = created.host_path;
        return request;
    }

    outcome<operation_result> run(process_request request) {
        return answer<operation_result>([&](auto done) { machine->run(id, std::move(request), done); });
    }
    outcome<operation_result> run(const std::string& script) { return run(shell(script)); }

    std::future<outcome<operation_result>> begin(process_request request) {
        auto promise = std::make_shared<std::promise<outcome<operation_result>>>();
        auto future = promise->get_future();
        machine->run(id, std::move(request), [promise](auto value) { promise->set_value(std::move(value)); });
        return future;
    }

    outcome<protocol::ended> end(std::chrono::milliseconds grace = std::chrono::milliseconds{0}) {
        return end(grace, id);
    }
    outcome<protocol::ended> end(std::chrono::milliseconds grace, const std::string& environment) {
        return answer<protocol::ended>([&](auto done) { machine->end({environment, grace}, done); });
    }

    shared_memory shm;
    temporary_folder root;
    std::promise<void> lost;
    std::string id = random_identifier();
    std::unique_ptr<local_machine> machine;
    protocol::created created;
    protocol::keeper_started keeper_started;
    std::uint64_t next = 1;

private:
    std::pair<protocol::created, protocol::keeper_started>
    make(const std::string& environment, storage_backend storage, const resource_limits& limits) {
        protocol::create request;
        request.environment_id = environment;
        request.storage = storage;
        request.size_bytes = 64 << 20;
        request.size_files = 10000;
        request.base_path = (root.path() / "storage").string();
        request.owner_marker = "owner";
        auto made = answer<protocol::created>([&](auto done) { machine->create(request, done); });
        REQUIRE(made);
        auto keeper = answer<protocol::keeper_started>([&](auto done) {
            machine->start_keeper({environment, cgroup_name(environment), limits, shm}, done);
        });
        REQUIRE(keeper);
        return {*made, *keeper};
    }
};

} // namespace gestvenv::test
