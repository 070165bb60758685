// SPDX-License-Identifier: MIT
#include "runtime/runtime_core.hpp"

#include "actors/all_services.hpp"
#include "actors/supervisor.hpp"
#include "messages/caf/types.hpp"
#include "messages/fault_point.hpp"
#include "messages/validation.hpp"
#include "runtime/actor_system_start.hpp"
#include "runtime/ask.hpp"
#include "runtime/installed_launcher.hpp"
#include "runtime/orphan_recovery.hpp"
#include "runtime/signal_mask.hpp"
#include "system/limits/process_capacity.hpp"
#include "system/limits/thread_capacity.hpp"
#include "system/storage/storage_root.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/spawn_options.hpp>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::chrono::seconds services_start_limit{10};

// Besides those that run actors: the reactor's, the callbacks', CAF's clock and pool, three actors' own; and
// the launcher, a keeper and a command. CAF ends the program, or never ends, where it cannot start one of its
// own.
constexpr unsigned other_threads = 10;

// Events that wait for the host's function at most.
constexpr std::size_t most_events_waiting = 10'000;

template <class T>
T or_throw(outcome<T> value) {
    if (!value)
        throw_as_exception(value.error());
    if constexpr (!std::is_void_v<T>)
        return std::move(*value);
}

python::variable_map variables_of_this_process() {
    python::variable_map result;
    for (char** item = ::environ; item != nullptr && *item != nullptr; ++item) {
        std::string_view text{*item};
        if (auto equals = text.find('='); equals != std::string_view::npos)
            result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

std::vector<std::string> group_parents_of(const protocol::greeting& host) {
    std::set<std::string> all{host.cgroup_parent, host.limits.memory.parent, host.limits.cpu.parent,
                              host.limits.pids.parent};
    all.erase("");
    return {all.begin(), all.end()};
}

recovery_log logs_of(const std::shared_ptr<log_sink>& sink) {
    return {[sink](std::string_view text) { sink->say(text); },
            [sink](std::string_view text) { sink->warn(text); }};
}

} // namespace

runtime_core::runtime_core(runtime_options options)
    : options_(std::move(options)), owner_(::getpid()),
      log_(std::make_shared<log_sink>(options_.log, options_.warn)) {
    if (auto valid = validate(options_.config); !valid)
        throw_as_exception(valid.error());
    if (options_.threads < 1 || options_.threads > 64)
        throw_as_exception({error_code::invalid_argument, "threads must be 1 to 64", {}, {}});
    all_signals_blocked guard;
    services_ = std::make_shared<services>();
    events_ = services_->events;
    services_->config.set(std::make_shared<const runtime_config>(options_.config));
    services_->search = python::search_context_from_process();
    services_->search.preferred_python = options_.preferred_python;

    auto state_root = options_.state_root.empty() ? default_state_root(services_->search.writable_home)
                                                  : options_.state_root;
    state_.emplace(or_throw(state_folder::create(state_root)));
    places_.state_root = std::move(state_root);
    services_->owner = state_->path().string();
    fault_point("runtime: has a state folder");
    // The process first: it goes on by itself, and is slow to begin beside threads that begin.
    machine_ = or_throw(local_machine::begin_start(launcher_options(), [this] { launcher_lost(); }));
    services_->machine = machine_.get();
    announce_types();
    caf_compat::spawn_scope foreign; // another thread may end the runtime
    const auto wanted_threads = options_.threads + other_threads;
    if (!has_process_capacity(wanted_threads))
        if (auto room = check_thread_capacity(wanted_threads); !room)
            throw_as_exception(room.error());
    configure_actors();
    actor_system_start system{actor_config_};
    journal_ = std::make_shared<journal>(or_throw(journal::open(state_->path())));
    find_surroundings();
    callbacks_ = std::make_shared<callback_thread>([sink = log_](std::string_view text) { sink->say(text); });
    if (options_.on_event)
        pass_events_on();
    try {
        actors_ = system.finish();
        start_actors();
        fault_point("runtime: has its actors");
        or_throw(machine_->finish_start());
        places_.group_parents = group_parents_of(machine_->greeting());
        fault_point("runtime: has a launcher");
        if (options_.recover_orphans)
            begin_recovery();
    } catch (...) { // no destructor will run, and the actor system would wait for its actors
        options_.ends_with_process = false;
        close();
        throw;
    }
}

// What installers and commands are given of the caller's.
void runtime_core::find_surroundings() {
    services_->caller_variables = variables_of_this_process();
    std::error_code removed; // a process may outlive its folder
    services_->caller_folder = std::filesystem::current_path(removed).string();
    // Installers want a home and a cache; what is set stays as it is.
    const auto& search = services_->search;
    if (services_->caller_variables["HOME"].empty())
        services_->caller_variables["HOME"] = search.home.string();
    if (search.writable_home != search.home)
        services_->caller_variables.emplace("XDG_CACHE_HOME", search.cache_home.string());
    services_->tools = python::find_tools_folder(search, options_.tools_folder);
    services_->offline = options_.offline;
    for (auto storage : {storage_backend::memory, storage_backend::disk})
        places_.storage_roots.push_back(default_root(storage, ::geteuid(), search.writable_home.string()));
    if (!options_.config.base_storage_path.empty())
        places_.storage_roots.push_back(options_.config.base_storage_path.string());
}

launcher_start_options runtime_core::launcher_options() const {
    launcher_start_options launcher;
    launcher.program = options_.launcher;
    launcher.installed = installed_launcher();
    launcher.lock = state_->lock();
    launcher.attach_root =
        default_root(storage_backend::tmpfs, ::geteuid(), services_->search.writable_home.string());
    if (!options_.try_machine_again && services_->search.cache_home.is_absolute())
        launcher.trials = services_->search.cache_home / "gestvenv" / "trials";
    launcher.spare_root = places_.state_root / state_folder::spare_root_name;
    launcher.limit = options_.best_containment;
    return launcher;
}

// On a thread of its own: nothing has to wait for it, and it may outlive this object where the end does not
// wait for it either. Most starts find nothing, and need no thread to see that.
void runtime_core::begin_recovery() {
    if (!may_have_orphans(places_, state_->path()))
        return;
    auto done = std::make_shared<std::promise<void>>();
    recovered_ = done->get_future();
    actors_->spawn<caf::detached>(
        [host = machine_.get(), places = places_, sink = log_, done](caf::event_based_actor* self) {
            end_on_exception(self);
            (void)gestvenv::recover_orphans(*host, places, logs_of(sink));
            done->set_value();
        });
}

std::vector<teardown_receipt> runtime_core::cleanup_orphans() {
    throw_if_forked();
    return gestvenv::recover_orphans(*machine_, places_, logs_of(log_));
}

void runtime_core::configure_actors() {
    // The sharing policy costs an idle machine nothing; CAF itself would start a thread per core of the host.
    actor_config_.set("caf.scheduler.policy", "sharing");
    actor_config_.set("caf.scheduler.max-threads", static_cast<std::int64_t>(options_.threads));
    actor_config_.set("caf.scheduler.max-throughput", std::int64_t{300});
    actor_config_.letters = services_->dead;
}

void runtime_core::start_actors() {
    services_->supervisor = spawn_supervisor(*actors_, services_);
    caf_compat::on_down(services_->supervisor, [this](const caf::error& reason) { root_ended(reason); });
    auto ready = std::make_shared<std::promise<outcome<void>>>();
    auto started = ready->get_future();
    service_supervisor_ = spawn_service_supervisor(
        *actors_, {}, all_services(*actors_, services_, journal_),
        tell_supervisor(services_, [ready](outcome<void> all) { ready->set_value(std::move(all)); }));
    if (started.wait_for(services_start_limit) != std::future_status::ready)
        throw_as_exception(
            {error_code::system_failure, "the runtime's services did not start in time", {}, {}});
    or_throw(started.get());
    std::unique_lock lock{gate_};
    supervisor_ = services_->supervisor;
    open_desk();
    if (std::exchange(launcher_was_lost_, false))
        caf_compat::send_anonymously(supervisor_, launcher_lost_atom_v);
}

// A question that a desk ends over is answered by its own end; the next one finds a new desk.
void runtime_core::open_desk() {
    desk_ = actors_->spawn([](caf::event_based_actor* self) -> caf::behavior {
        end_on_exception(self);
        return {[](const continuation& next) { next.run(); }};
    });
    caf_compat::on_down(desk_, [this](const caf::error&) {
        std::unique_lock lock{gate_};
        if (supervisor_ && !ending_)
            open_desk();
    });
}

runtime_core::~runtime_core() {
    if (!in_own_process()) {
        // The threads are the parent's; touching what they guard could wait for ever. The memory goes with
        // the process.
        static_cast<void>(machine_.release());
        static_cast<void>(actors_.release());
        static_cast<void>(new std::shared_ptr<services>{services_});
        static_cast<void>(new std::shared_ptr<living_actors>{actor_config_.living});
        static_cast<void>(new std::tuple{supervisor_, service_supervisor_, desk_});
        static_cast<void>(new std::shared_ptr<journal>{journal_});
        static_cast<void>(new std::shared_ptr<callback_thread>{callbacks_});
        static_cast<void>(new std::optional<state_folder>{std::move(state_)});
        return;
    }
    close();
}

void runtime_core::pass_events_on() {
    auto lost = std::make_shared<std::size_t>(0); // used under the event log's lock, and by it alone
    events_->listen(
        [lost, callbacks = callbacks_, sink = log_, hears = options_.on_event](const runtime_event& event) {
            if (callbacks->waiting() >= most_events_waiting) {
                ++*lost;
                return;
            }
            if (auto count = std::exchange(*lost, 0); count > 0)
                sink->say(fmt::format("{} events were dropped: the host's function is slower than they come",
                                      count));
            callbacks->post([hears, event] { hears(event); });
        });
}

std::vector<runtime_event> runtime_core::events(std::size_t most, std::string_view environment_id) const {
    return events_->last(most, environment_id);
}

std::string runtime_core::tree() {
    auto result = nlohmann::json::parse(ask<std::string>(tree_atom_v));
    auto services = ask_actor<std::string>(*actors_, service_supervisor_, deadlines::step, tree_atom_v);
    result["services"] = nlohmann::json::parse(services.value_or("null"));
    return result.dump();
}

// In the thread of the dying actor: it may only leave word. The reaper, which sees it too, undoes everything.
void runtime_core::root_ended(const caf::error& reason) {
    if (ending_)
        return;
    log(fmt::format("the supervisor ended ({}); everything is undone and nothing new is taken",
                    from_caf_error(reason).message));
}

void runtime_core::launcher_lost() {
    log("the launcher ended unexpectedly; its environments are gone and a new one is started");
    std::unique_lock lock{gate_};
    if (supervisor_)
        caf_compat::send_anonymously(supervisor_, launcher_lost_atom_v);
    else
        launcher_was_lost_ = true;
}

void log_sink::pass(const function& host, std::string_view text) noexcept {
    if (!host)
        return;
    std::scoped_lock lock{mutex_};
    try {
        host(text);
    } catch (...) { // NOLINT(bugprone-empty-catch): documented: what a host's log throws is dropped
    }
}

void runtime_core::log(std::string_view text) const noexcept {
    log_->say(text);
}

void runtime_core::warn(std::string_view text) const noexcept {
    log_->warn(text);
}

namespace {

std::string keeper_of(const limit_place& place) {
    if (!place.available)
        return {};
    return place.version() == cgroup_version::two ? "cgroup v2" : "cgroup v1";
}

/// As plan_limits() chooses for the default number of threads.
std::string keeper_of_threads(const limit_places& places) {
    auto plan = plan_limits(places, {});
    return plan.threads_in_namespace ? "pid namespace" : keeper_of(places.pids);
}

} // namespace

runtime_abilities runtime_core::abilities() const {
    throw_if_forked();
    auto found = machine_->greeting();
    runtime_abilities result;
    result.best = found.best;
    result.cgroups = !found.cgroup_parent.empty();
    result.storage_mounts = found.mounts;
    result.limits_memory = found.limits.memory.available;
    result.limits_cpu = found.limits.cpu.available;
    result.limits_threads = found.limits.pids.available || found.limits.least_in_namespace.has_value();
    result.memory_limited_by = keeper_of(found.limits.memory);
    result.cpu_limited_by = keeper_of(found.limits.cpu);
    result.threads_limited_by = keeper_of_threads(found.limits);
    result.limitations = std::move(found.limitations);
    return result;
}

bool runtime_core::in_own_process() const noexcept {
    return ::getpid() == owner_;
}

void runtime_core::throw_if_forked() const {
    if (!in_own_process())
        throw_as_exception({error_code::shutting_down,
                            "this is a forked child: the runtime belongs to its parent",
                            {},
                            "create a runtime of its own in the child"});
}

} // namespace gestvenv
