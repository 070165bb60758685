// SPDX-License-Identifier: MIT
#include "net/node/running_node.hpp"

#include "actors/all_services.hpp"
#include "messages/caf/compat.hpp"
#include "messages/fault_point.hpp"
#include "net/node/node_listening.hpp"
#include "net/node/observability_start.hpp"
#include "net/node/service_manager.hpp"
#include "net/operations/event_streams.hpp"
#include "net/operations/operations.hpp"
#include "net/operations/types.hpp"
#include "runtime/ask.hpp"
#include "system/journal/state_folder.hpp"
#include "system/posix/process_facts.hpp"
#include "system/python/search_context.hpp"
#include "system/version.hpp"

#include <gestvenv/configuration.hpp>

#include <caf/actor_cast.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::chrono::seconds idle_check_interval{1};

/// Blocked in every thread, and taken by the first one.
sigset_t taken_signals() {
    sigset_t set{};
    ::sigemptyset(&set);
    for (int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        ::sigaddset(&set, number);
    return set;
}

} // namespace

outcome<void> running_node::run() {
    auto begun = start_or_undo();
    if (!begun) {
        tell_starter(render(begun.error()));
        return begun;
    }
    try {
        wait();
        return end();
    } catch (...) { // no memory: nothing may go on to use what the members' ends take apart
        leave();
        take_down();
        throw;
    }
}

outcome<void> running_node::start_or_undo() {
    outcome<void> begun;
    try {
        begun = start();
    } catch (const std::exception& problem) { // no memory, no threads
        begun = failure(error_code::system_failure, problem.what());
    }
    if (!begun) {
        leave();
        take_down();
    }
    return begun;
}

outcome<void> running_node::start() {
    signals_ = taken_signals();
    if (!is_part_of_process())
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    auto handed_over = is_part_of_process() ? outcome<std::vector<descriptor>>{} : sockets_handed_over();
    if (!handed_over)
        return failure(std::move(handed_over).error());
    auto told = start_observability(options_);
    if (!told)
        return failure(std::move(told).error());
    services_.observability = std::move(*told);
    return find_place()
        .and_then([&] { return start_runtime(); })
        .and_then([&] { return start_services(); })
        .and_then([&] { return listen(std::move(*handed_over)); })
        .and_then([&] { return announce(); });
}

outcome<void> running_node::find_place() {
    auto root = options_.state_root;
    if (root.empty())
        root = default_state_root(python::search_context_from_process().writable_home);
    place_.emplace(root);
    services_.state_root = root;
    services_.tokens = std::make_unique<token_store>(root);
    if (is_part_of_process())
        return {};
    auto lock = place_->take();
    if (!lock) {
        if (lock.error().code == error_code::illegal_transition)
            return failure(error_code::illegal_transition, lock.error().message,
                           "gestvenv node status shows it, gestvenv node stop ends it");
        return failure(std::move(lock).error());
    }
    lock_ = std::move(*lock);
    fault_point("node: has its lock");
    return {};
}

// The one place where the public face's exceptions are met.
outcome<void> running_node::start_runtime() {
    announce_net_types();
    try {
        runtime_options wanted;
        wanted.config = load_configuration({.file = options_.configuration_file}).config;
        wanted.state_root = services_.state_root;
        wanted.offline = options_.offline;
        auto* observed = services_.observability.get(); // outlives the runtime
        wanted.log = [observed](std::string_view text) { observed->say(log_level::info, text); };
        wanted.warn = [observed](std::string_view text) { observed->say(log_level::warning, text); };
        services_.runtime = std::make_shared<runtime_core>(std::move(wanted));
        fault_point("node: has its runtime");
    } catch (const ephemeral_exception& problem) {
        return failure(problem.details());
    }
    return {};
}

outcome<void> running_node::start_services() {
    auto& system = services_.runtime->actors();
    auto absent = system.spawn([](caf::event_based_actor*) {}); // without a behavior it ends at once
    services_.operations.set(caf::actor_cast<operations_actor>(absent));
    services_.events.set(caf::actor_cast<event_streams_actor>(absent));
    std::vector<supervised_service> all;
    all.push_back({{.name = "operations"}, [this, &system] {
                       auto made = spawn_operations(system, services_.runtime->shared());
                       services_.operations.set(made);
                       return caf::actor_cast<caf::actor>(made);
                   }});
    all.push_back({{.name = "event_streams"}, [this, &system] {
                       auto made = spawn_event_streams(system);
                       services_.events.set(made);
                       return caf::actor_cast<caf::actor>(made);
                   }});
    // Crashes are the runtime's to report; when there is no hope, the node ends in order.
    supervision_listener listener;
    listener.crashed = [shared = services_.runtime->shared()](crash_report report) {
        caf_compat::send_anonymously(shared->supervisor, crash_atom_v, std::move(report));
    };
    listener.gave_up = [this](const std::string& why) {
        say(fmt::format("the node ends: {}", why));
        stop();
    };
    // The supervisor starts them in its own time, and the first request may come right after the node's `ready`.
    auto ready = std::make_shared<std::promise<outcome<void>>>();
    auto started = ready->get_future();
    listener.ready = [ready](outcome<void> each) { ready->set_value(std::move(each)); };
    supervisor_ = spawn_service_supervisor(system, {}, std::move(all), std::move(listener));
    if (started.wait_for(answer_limit) != std::future_status::ready)
        return failure(error_code::deadline_exceeded, "the node's services did not start");
    if (auto each = started.get(); !each)
        return each;
    services_.runtime->shared()->events->listen([this](const runtime_event& event) {
        caf_compat::send_anonymously(services_.events(), note_atom_v, event);
        services_.observability->heard(event);
        if (event.kind != event_kind::environment_gone)
            return;
        services_.forget(event.environment_id);
        note_use();
    });
    auto clients = client_watch::start([this](const std::string& id) {
        std::scoped_lock lock{owners_};
        if (heeds_owners_)
            services_.end_without_owner(id);
    });
    if (!clients)
        return failure(std::move(clients).error());
    services_.clients = std::move(*clients);
    auto commands = execution::execution_server::start();
    if (!commands)
        return failure(std::move(commands).error());
    services_.commands = std::move(*commands);
    services_.was_used = [this] { note_use(); };
    services_.stop = [this] { stop(); };
    services_.reload = [this] { return reload(); };
    services_.started_at = std::chrono::system_clock::now();
    fault_point("node: has its services");
    return {};
}

outcome<void> running_node::listen(std::vector<descriptor> handed_over) {
    api_.emplace(services_);
    server_.emplace(*api_, http::limits{});
    services_.server = &*server_;
    auto listening = listen_for_node(*server_, options_, std::move(handed_over));
    if (!listening)
        return failure(std::move(listening).error());
    record_.socket = std::move(listening->socket);
    record_.listens = std::move(listening->addresses);
    own_socket_ = listening->made_socket;
    services_.host_names = std::move(listening->host_names);
    fault_point("node: listens");
    return {};
}

outcome<void> running_node::announce() {
    record_.pid = ::getpid();
    record_.start_time = start_time_of(record_.pid).value_or(0);
    record_.version = program_version;
    record_.started_at = services_.started_at;
    server_->start();
    serves_ = true;
    if (is_part_of_process()) {
        tell_starter("ready");
        return {};
    }
    fault_point("node: is about to write its record");
    if (auto written = place_->write(record_); !written)
        return written;
    fault_point("node: has written its record");
    say(fmt::format("node {} is ready at {}{}{}", record_.pid, record_.socket,
                    record_.listens.empty() ? "" : " and ", fmt::join(record_.listens, ", ")));
    tell_starter("ready");
    fault_point("node: is ready");
    if (auto told = notify_service_manager("READY=1"); !told)
        say(render(told.error()));
    return {};
}

void running_node::tell_starter(const std::string& text) {
    const int pipe = std::exchange(ready_descriptor_, -1);
    if (pipe < 0)
        return;
    // A starter that is gone need not know.
    [[maybe_unused]] auto written = ::write(pipe, text.data(), text.size());
    ::close(pipe);
}

// Signals, and whether anything uses it.
void running_node::wait() {
    if (is_part_of_process()) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, options_.within, [this] { return stopping_.load(); });
        return;
    }
    auto used = std::chrono::steady_clock::now();
    while (!stopping_) {
        const timespec limit{idle_check_interval.count(), 0};
        switch (::sigtimedwait(&signals_, nullptr, &limit)) {
        case SIGTERM:
        case SIGINT:
            say("the node was told to end by a signal");
            return;
        case SIGHUP:
            reload_by_signal();
            break;
        default:
            break;
        }
        const auto now = std::chrono::steady_clock::now();
        used = std::max(used, std::chrono::steady_clock::time_point{
                                  std::chrono::steady_clock::duration{last_use_.load()}});
        if (options_.idle_end == std::chrono::seconds::max())
            continue;
        if (!is_used() && now - used < options_.idle_end)
            continue;
        if (!is_used() && !has_environments()) {
            say(fmt::format("the node ends: nothing has used it for {} s", options_.idle_end.count()));
            return;
        }
        used = now; // with environments: until one ends, it need not be asked each second
    }
}

bool running_node::is_used() const {
    const auto load = server_->load();
    return load.requests_in_flight > 0 || load.streams > 0;
}

bool running_node::has_environments() const {
    auto living = ask_actor<std::vector<environment_info>>(
        services_.runtime->actors(), services_.runtime->shared()->supervisor, answer_limit, list_atom_v);
    auto work = ask_actor<std::vector<listed_operation>>(services_.runtime->actors(), services_.operations(),
                                                         answer_limit, list_atom_v);
    const bool runs = work && std::any_of(work->begin(), work->end(), [](const auto& one) {
                          return one.info.status == operation_status::running;
                      });
    return !living || !living->empty() || runs;
}

void running_node::reload_by_signal() {
    auto left = reload();
    if (!left)
        return say(fmt::format("the configuration stays as it was: {}", left.error().message));
    say("the configuration was read again");
    for (const auto& one : *left)
        say(one);
}

outcome<std::vector<std::string>> running_node::reload() {
    std::vector<std::string> left;
    try {
        auto before = services_.runtime->configuration();
        auto loaded = load_configuration({.file = options_.configuration_file});
        services_.runtime->ask<void>(configure_atom_v, loaded.config);
        if (before.base_storage_path != loaded.config.base_storage_path)
            left.emplace_back(
                "base_storage_path holds for environments that are made from now on; orphans in the "
                "folder of before are looked for at the next start");
        if (!options_.listen.empty())
            left.emplace_back("addresses, certificates and the socket are those of the start");
    } catch (const ephemeral_exception& problem) {
        return failure(problem.details());
    }
    return left;
}

void running_node::stop() {
    {
        std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    if (is_part_of_process())
        return changed_.notify_all();
    ::kill(::getpid(), SIGUSR1); // the first thread waits for it
}

outcome<void> run_node(const node_options& options) {
    return running_node{options}.run();
}

} // namespace gestvenv
