// SPDX-License-Identifier: MIT
// The end of a runtime: in steps, each with its own deadline, none of them stopped by another that fails.
#include "runtime/runtime_core.hpp"

#include "messages/fault_point.hpp"
#include "runtime/ask.hpp"
#include "runtime/signal_mask.hpp"
#include "system/journal/ended_archive.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace gestvenv {

namespace {

// Services and actors together.
constexpr std::chrono::seconds actors_limit{8};
constexpr std::chrono::seconds services_limit{5};

// What runtime.hpp promises of the destructor.
constexpr std::chrono::seconds whole{45};
static_assert(deadlines::shutdown + actors_limit + callback_thread::patience +
                  local_machine::farewell_limit <=
              whole);

} // namespace

void runtime_core::close() noexcept {
    if (in_own_process())
        std::call_once(closed_, [this] { end_everything(); });
}

// Whatever goes wrong in one step, the others are taken.
void runtime_core::end_everything() noexcept {
    auto step = [this](const char* what, const std::function<void()>& work) {
        try {
            work();
        } catch (const std::exception& problem) {
            log(fmt::format("while {}: {}", what, problem.what()));
        }
    };
    auto pass = [&step](const char* point) { step(point, [point] { fault_point(point); }); };
    all_signals_blocked guard;
    ending_ = true;
    pass("runtime: is about to end its environments");
    bool clean = false;
    step("environments were ended", [this, &clean] { clean = environments_end(); });
    // The launcher ends while the rest does, unless what crashed runtimes left is being removed through it.
    const auto patience = options_.ends_with_process ? actors_limit : std::chrono::seconds{0};
    const bool recovered = recovery_ends_within(patience);
    if (options_.ends_with_process && !recovered)
        log("what crashed runtimes left is still being removed; the next start goes on with it");
    pass("runtime: is about to end its launcher");
    if (options_.ends_with_process || recovered)
        step("the launcher was asked to end", [this] { machine_->begin_end(); });
    if (!options_.ends_with_process) {
        pass("runtime: is about to stop its actors");
        step("actors were stopped", [this] { stop_actors(); });
        step("callbacks were stopped", [this] { callbacks_->stop(); });
    }
    bool archived = false;
    step("ends were archived", [this, &archived] { archived = ends_archived(); });
    step("the state folder was removed", [this, keep = !clean || !archived] { give_up_state_folder(keep); });
    if (options_.ends_with_process) {
        step("the launcher was ended", [this] { machine_->outlive_launcher(); });
    } else {
        // Answers that are still owed to dead actors are given now, while there is a system to drop them.
        step("the launcher was ended", [this] { machine_.reset(); });
        step("the actor system was ended", [this] { actors_.reset(); });
    }
    pass("runtime: has ended its launcher");
}

bool runtime_core::recovery_ends_within(std::chrono::seconds patience) {
    return !recovered_.valid() || recovered_.wait_for(patience) == std::future_status::ready;
}

bool runtime_core::environments_end() {
    if (all_ended_)
        return true;
    bool clean = true;
    for (const auto& receipt : shut_down())
        for (const auto& left : receipt.residue) {
            clean = false;
            warn(fmt::format("environment {} is not gone: {} {}: {}", receipt.environment_name, left.kind,
                             left.name, left.why));
        }
    return clean;
}

bool runtime_core::ends_archived() {
    auto archived = journal_->receipts().and_then(
        [this](const auto& ended) { return ended_archive{places_.state_root}.add(ended); });
    if (!archived)
        log(render(archived.error()));
    return archived.has_value();
}

// With nothing unfinished the folder has served, but for its space on the disk: how its environments ended is
// told by the archive. Otherwise the next start works from it.
void runtime_core::give_up_state_folder(bool keep) {
    auto disposable = journal_->disposable();
    journal_.reset();
    fault_point("runtime: has closed its journal");
    if (keep || !disposable || !*disposable)
        warn(fmt::format("what is left is in the journal in {}; the next start goes on with it",
                         state_->path().string()));
    else if (!state_->keep_for_next())
        if (auto removed = state_->remove(); !removed)
            warn(render(removed.error()));
}

std::vector<teardown_receipt> runtime_core::shut_down() {
    auto promise = std::make_shared<std::promise<outcome<std::vector<teardown_receipt>>>>();
    auto future = promise->get_future();
    begin<std::vector<teardown_receipt>>(
        [promise](auto receipts) { promise->set_value(std::move(receipts)); }, shutdown_atom_v,
        cleanup_reason::requested);
    teardown_receipt unknown;
    const auto until = std::chrono::steady_clock::now() + deadlines::shutdown;
    if (future.wait_until(until) != std::future_status::ready) {
        unknown.residue.push_back({"environment", "(all)", "the teardown takes too long"});
        return {std::move(unknown)};
    }
    auto receipts = future.get();
    if (!receipts && receipts.error().code == error_code::actor_crashed)
        // Without a supervisor the reaper undoes everything by itself.
        receipts = ask_actor<std::vector<teardown_receipt>>(
            *actors_, services_->reaper(),
            std::min<std::chrono::nanoseconds>(deadlines::teardown_in_shutdown,
                                               until - std::chrono::steady_clock::now()),
            shutdown_atom_v);
    if (receipts) {
        all_ended_ = std::all_of(receipts->begin(), receipts->end(),
                                 [](const auto& receipt) { return receipt.clean(); });
        return std::move(*receipts);
    }
    if (receipts.error().code == error_code::shutting_down)
        return {}; // it has been done before
    unknown.residue.push_back({"environment", "(all)", receipts.error().message});
    return {std::move(unknown)};
}

void runtime_core::stop_actors() {
    if (!actors_) // there were no threads for them
        return services_.reset();
    const auto deadline = std::chrono::steady_clock::now() + actors_limit;
    supervisor_actor supervisor;
    caf::actor desk;
    {
        std::unique_lock lock{gate_};
        supervisor = std::exchange(supervisor_, {});
        desk = std::exchange(desk_, {});
    }
    stop_services();
    for (auto& handle :
         {caf::actor_cast<caf::actor>(service_supervisor_), caf::actor_cast<caf::actor>(supervisor), desk})
        caf::anon_send_exit(handle, caf::exit_reason::kill);
    actor_config_.living->kill();
    service_supervisor_ = service_supervisor_actor{};
    supervisor = supervisor_actor{};
    desk = caf::actor{};
    services_.reset();
    // The actor system waits for its last actor without a deadline of its own.
    std::chrono::microseconds pause{20};
    while (caf_compat::running_count(*actors_) > 0) {
        if (std::chrono::steady_clock::now() >= deadline) {
            // What still works needs the machine too: both are left to the end of the process, which the
            // launcher watches for.
            log(fmt::format("{} actors did not end: {}", caf_compat::running_count(*actors_),
                            fmt::join(actor_config_.living->names(), ", ")));
            static_cast<void>(actors_.release());
            static_cast<void>(machine_.release());
            return;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, std::chrono::microseconds{1000});
    }
}

void runtime_core::stop_services() {
    if (!service_supervisor_)
        return;
    auto left =
        ask_actor<std::vector<residue>>(*actors_, service_supervisor_, services_limit, shutdown_atom_v);
    if (!left)
        return log(fmt::format("the services did not stop: {}", left.error().message));
    for (const auto& item : *left)
        log(fmt::format("{} {}: {}", item.kind, item.name, item.why));
}

} // namespace gestvenv
