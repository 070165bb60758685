// SPDX-License-Identifier: MIT
#include "actors/reaper.hpp"

#include "messages/caf/error.hpp"
#include "messages/json.hpp"
#include "system/journal/boot.hpp"
#include "system/journal/resource_kinds.hpp"
#include "system/limits/cgroup.hpp"
#include "system/storage/storage_root.hpp"
#include "system/storage/usable_places.hpp"

#include <gestvenv/exceptions.hpp>

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace gestvenv {

namespace {

// Files and folders in a storage: one for each 4 KB of its size, which no real tree of files exceeds.
constexpr std::int64_t bytes_per_file = 4096;

std::string root_for(const services& shared, storage_backend storage) {
    if (!shared.config()->base_storage_path.empty())
        return shared.config()->base_storage_path.string();
    // A folder that stands in for a tmpfs lies in memory too, where there is memory to lie in.
    if (storage == storage_backend::tmpfs)
        storage = can_stand_in_for_tmpfs() ? storage_backend::memory : storage_backend::disk;
    return default_root(storage, ::geteuid(), shared.search.writable_home.string());
}

struct group_names {
    std::string name;
    /// Everything that is made under it.
    std::vector<std::string> paths;
};

// By the documented name; by the whole id where another program has that name already.
group_names groups_for(const protocol::greeting& host, const std::string& id, const resource_limits& limits) {
    std::vector<std::string> parents = plan_limits(host.limits, limits).parents(host.limits);
    if (!host.cgroup_parent.empty())
        parents.insert(parents.begin(), host.cgroup_parent);
    auto paths_of = [&parents](const std::string& name) {
        std::vector<std::string> paths;
        for (const auto& parent : parents)
            paths.push_back(parent + "/" + name);
        return paths;
    };
    group_names names{cgroup_name(id), paths_of(cgroup_name(id))};
    bool taken = std::any_of(names.paths.begin(), names.paths.end(),
                             [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; });
    if (taken)
        names = {"gestvenv-" + id, paths_of("gestvenv-" + id)};
    return names;
}

} // namespace

reaper_state::reaper_state(pointer self, std::shared_ptr<services> shared, std::shared_ptr<journal> records)
    : self_(self), shared_(std::move(shared)), journal_(std::move(records)) {
    take_over();
}

// What a reaper before this one has left stands in the journal.
void reaper_state::take_over() {
    auto unfinished = journal_->unfinished();
    if (!unfinished)
        throw_as_exception(unfinished.error());
    for (const auto& item : *unfinished) {
        if (item.environment_id.empty())
            continue;
        auto& held = held_[item.environment_id];
        held.resources.push_back(item);
        auto resource = read_resource(item.kind, item.detail);
        if (!resource) {
            held.not_understood.push_back({item.kind, item.environment_id, resource.error().message});
            continue;
        }
        if (held.environment_name.empty())
            held.environment_name = environment_name_of(*resource);
        held.launcher = std::max(held.launcher, launcher_of(*resource));
    }
}

reaper_actor::behavior_type reaper_state::make_behavior() {
    end_on_exception(self_);
    keep_upkeep();
    if (shared_->supervisor)
        caf_compat::on_down(shared_->supervisor,
                            resume(self_, [this](const caf::error&) { supervisor_ended(); }));
    return {[this](intend_atom, const storage_request& request) -> caf::result<void> {
                intend(request);
                return {};
            },
            [this](acquire_atom, storage_request& request, storage_receiver& receiver) -> caf::result<void> {
                acquire(std::move(request), std::move(receiver));
                return {};
            },
            [this](keeper_atom, const std::string& id, const resource_limits& limits,
                   bool shares) -> caf::result<containment> {
                auto done = self_->make_response_promise<containment>();
                start_keeper(id, limits, shares ? shared_memory::host : shared_memory::private_, done);
                return done;
            },
            [this](tear_down_atom, std::string& id, std::string& environment_name, cleanup_reason reason,
                   caf::timespan grace) -> caf::result<teardown_receipt> {
                auto work = std::make_shared<teardown>();
                work->id = std::move(id);
                work->environment_name = std::move(environment_name);
                work->reason = reason;
                work->began = std::chrono::steady_clock::now();
                auto done = self_->make_response_promise<teardown_receipt>();
                work->done.emplace_back(
                    [done](const teardown_receipt& receipt) mutable { done.deliver(receipt); });
                end(work, std::chrono::duration_cast<std::chrono::milliseconds>(grace));
                return done;
            },
            [this](note_atom, const environment_info& info) -> caf::result<void> {
                // For people to read: an environment is no worse for not being listed.
                if (auto noted = journal_->environment_started(info.id, to_json_value(info)); !noted)
                    return to_caf_error(noted.error());
                return {};
            },
            [this](shutdown_atom) -> caf::result<std::vector<teardown_receipt>> {
                auto done = self_->make_response_promise<std::vector<teardown_receipt>>();
                undo_all([done](std::vector<teardown_receipt> receipts) mutable {
                    done.deliver(std::move(receipts));
                });
                return done;
            },
            [this](launcher_lost_atom) -> caf::result<void> {
                if (auto ready = ensure_launcher(); !ready)
                    return to_caf_error(ready.error());
                return {};
            },
            [this](tick_atom) -> caf::result<void> {
                keep_upkeep();
                // Word of a loss may have gone to a reaper before this one, and a start may fail.
                if (self_->clock().now() >= next_launcher_)
                    (void)ensure_launcher(); // tried again; each teardown that waits says why it does
                if (auto kept = journal_->maintain(); !kept)
                    return to_caf_error(kept.error());
                return {};
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

void reaper_state::keep_upkeep() {
    self_->run_delayed(upkeep_interval,
                       [self = reaper_actor{self_}] { caf_compat::send_anonymously(self, tick_atom_v); });
}

// Making.

void reaper_state::intend(const storage_request& request) {
    if (closing_ || held_.contains(request.environment_id))
        return;
    bool detached = request.storage == storage_backend::tmpfs && shared_->machine->greeting().mounts;
    auto& held = held_[request.environment_id];
    held.environment_name = request.name;
    held.launcher = shared_->launcher;
    auto folder = [&] { return root_for(*shared_, request.storage) + "/" + request.environment_id; };
    const auto record =
        detached
            ? to_record(resources::detached_storage{request.name, held.launcher})
            : to_record(resources::storage_folder{request.name, folder(), shared_->owner, held.launcher});
    if (auto intents = write_intents(request.environment_id, held, std::span{&record, 1}); !intents)
        held.failure = intents.error();
    if (request.scratch)
        end_with_sender(request.environment_id);
}

outcome<std::vector<resource_id>> reaper_state::write_intents(const std::string& id, holding& held,
                                                              std::span<const resource_record> records) {
    auto intents = journal_->intend(id, records);
    if (!intents)
        return intents;
    for (std::size_t index = 0; index < records.size(); ++index)
        held.resources.push_back({(*intents)[index], id, records[index].kind, records[index].detail,
                                  boot_id(), std::chrono::system_clock::now()});
    return intents;
}

// Its own end may be on its way already: then there is nothing of it when the word arrives.
void reaper_state::end_with_sender(const std::string& id) {
    auto sender = caf::actor_cast<caf::strong_actor_ptr>(self_->current_sender());
    if (!sender)
        return;
    caf_compat::on_down(caf::actor_cast<caf::actor>(sender), resume(self_, [this, id](const caf::error&) {
                            auto found = held_.find(id);
                            if (found != held_.end() && !found->second.ending)
                                end(orphan(id), std::chrono::milliseconds{0});
                        }));
}

// Only what was intended and is not being undone: an environment that was ended while it was being set up may
// still ask, after its teardown.
outcome<void> reaper_state::check_usable(const std::string& id) const {
    auto found = held_.find(id);
    if (found == held_.end() || found->second.ending)
        return failure(error_code::environment_gone, "the environment is gone");
    if (found->second.failure)
        return failure(*found->second.failure);
    return {};
}

void reaper_state::acquire(storage_request request, storage_receiver receiver) {
    if (auto usable = check_usable(request.environment_id); !usable)
        return receiver.answer(failure(usable.error()));
    // What the next launcher makes would have no owner: the intent is of the one before.
    if (held_.at(request.environment_id).launcher != shared_->launcher)
        return receiver.answer(failure(error{error_code::launcher_crashed,
                                             "the launcher ended while the environment was being made",
                                             request.name, "try again"}));
    protocol::create order;
    order.environment_id = request.environment_id;
    order.prompt = request.name;
    order.storage = request.storage;
    order.size_bytes = request.size;
    order.size_files = std::max<std::int64_t>(1024, request.size / bytes_per_file);
    order.base_path = root_for(*shared_, request.storage);
    order.owner_marker = shared_->owner;
    order.layout_number = request.layout_number;
    shared_->machine->create(
        std::move(order), [receiver = std::move(receiver)](outcome<protocol::created> made) {
            receiver.answer(made.map([](protocol::created& answer) {
                return storage_made{std::move(answer.storage_path), std::move(answer.host_path),
                                    std::move(answer.storage_kind)};
            }));
        });
}

// A keeper that could not be started is asked for again, under the same intents.
outcome<void> reaper_state::intend_keeper(const std::string& id, holding& held,
                                          const resource_limits& limits) {
    std::vector<resource_record> records;
    if (!held.keeper_intent)
        records.push_back(to_record(resources::keeper{{}, {}, held.launcher}));
    auto groups = groups_for(shared_->machine->greeting(), id, limits);
    const bool with_groups = !held.groups_intent && !groups.paths.empty();
    if (with_groups)
        records.push_back(to_record(resources::control_groups{groups.paths, held.launcher}));
    if (records.empty())
        return {};
    auto intents = write_intents(id, held, records);
    if (!intents)
        return failure(intents.error());
    if (!held.keeper_intent)
        held.keeper_intent = intents->front();
    if (with_groups) {
        held.groups_intent = intents->back();
        held.group_name = std::move(groups.name);
    }
    return {};
}

void reaper_state::start_keeper(const std::string& id, const resource_limits& limits, shared_memory shm,
                                caf::typed_response_promise<containment> done) {
    if (auto usable = check_usable(id); !usable)
        return done.deliver(to_caf_error(usable.error()));
    auto& held = held_.at(id);
    if (auto intended = intend_keeper(id, held, limits); !intended)
        return done.deliver(to_caf_error(intended.error()));
    shared_->machine->start_keeper(
        {id, held.group_name, limits, shm},
        resume(self_, [this, id, done](outcome<protocol::keeper_started> started) mutable {
            if (!started) {
                // Another program's groups: they must not be undone as ours.
                if (started.error().code == error_code::name_in_use)
                    forget_groups(id);
                return done.deliver(to_caf_error(started.error()));
            }
            keeper_started(id, *started);
            done.deliver(started->in_force);
        }));
}

void reaper_state::keeper_started(const std::string& id, const protocol::keeper_started& keeper) {
    auto found = held_.find(id);
    if (found == held_.end())
        return;
    auto& held = found->second;
    auto intent = std::find_if(held.resources.begin(), held.resources.end(),
                               [&held](const auto& item) { return item.id == held.keeper_intent; });
    if (intent == held.resources.end())
        return;
    intent->detail = to_detail(resources::keeper{keeper.keeper_pid, keeper.start_time, held.launcher});
    // Teardown does not need it: a failure to note it is no reason to end the environment.
    (void)journal_->amend(intent->id, intent->detail);
}

void reaper_state::forget_groups(const std::string& id) {
    auto found = held_.find(id);
    if (found == held_.end() || !found->second.groups_intent ||
        !journal_->done(std::span{&*found->second.groups_intent, 1}))
        return; // the launcher still knows that it made none
    auto& held = found->second;
    std::erase_if(held.resources, [&held](const auto& item) { return item.id == held.groups_intent; });
    held.groups_intent.reset();
    held.group_name.clear();
}

reaper_actor spawn_reaper(caf::actor_system& system, std::shared_ptr<services> shared,
                          std::shared_ptr<journal> records, bool own_thread) {
    using actor = reaper_actor::stateful_impl<reaper_state>;
    if (own_thread)
        return system.spawn<actor, caf::detached>(std::move(shared), std::move(records));
    return system.spawn<actor>(std::move(shared), std::move(records));
}

} // namespace gestvenv
