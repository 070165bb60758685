#include "actors/reaper.hpp"

#include "messages/caf_error.hpp"
#include "messages/json.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/limits/cgroup.hpp"
#include "system/storage/storage_root.hpp"

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
    // A folder that stands in for a tmpfs lies in memory too.
    if (storage == storage_backend::tmpfs)
        storage = storage_backend::memory;
    return default_root(storage, ::geteuid(), shared.search.home.string());
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

reaper_behavior::reaper_behavior(pointer self, std::shared_ptr<services> shared,
                                 std::shared_ptr<journal> records)
    : self_(self), shared_(std::move(shared)), journal_(std::move(records)) {
    take_over();
}

// What a reaper before this one has left stands in the journal.
void reaper_behavior::take_over() {
    auto unfinished = journal_->unfinished();
    if (!unfinished)
        throw_as_exception(unfinished.error());
    for (const auto& item : *unfinished) {
        if (item.environment_id.empty())
            continue;
        auto& held = held_[item.environment_id];
        held.intents.push_back(item.id);
        if (held.environment_name.empty())
            held.environment_name = item.detail.value("name", std::string{});
        held.launcher = item.detail.value("launcher", 0);
        if (item.kind == resource_kind::storage_folder)
            held.folders.push_back(item.detail.value("path", std::string{}));
        else if (item.kind == resource_kind::cgroup)
            for (const auto& path : item.detail.value("paths", std::vector<std::string>{}))
                held.cgroups.push_back(path);
        else if (item.kind == resource_kind::keeper && item.detail.contains("pid"))
            held.keepers.push_back({item.detail.value("pid", std::int64_t{-1}),
                                    item.detail.value("start_time", std::uint64_t{0})});
    }
}

reaper_actor::behavior_type reaper_behavior::make_behavior() {
    end_on_exception(self_);
    keep_upkeep();
    return {[this](intend_atom, const storage_request& request) -> caf::result<void> {
                intend(request);
                return {};
            },
            [this](acquire_atom, storage_request& request, storage_receiver& receiver) -> caf::result<void> {
                acquire(std::move(request), std::move(receiver));
                return {};
            },
            [this](keeper_atom, const std::string& id,
                   const resource_limits& limits) -> caf::result<containment> {
                auto done = self_->make_response_promise<containment>();
                start_keeper(id, limits, done);
                return done;
            },
            [this](tear_down_atom, std::string& id, std::string& environment_name, cleanup_reason reason,
                   caf::timespan grace) -> caf::result<teardown_receipt> {
                auto work = std::make_shared<teardown>();
                work->id = std::move(id);
                work->environment_name = std::move(environment_name);
                work->reason = reason;
                work->began = std::chrono::steady_clock::now();
                work->done = self_->make_response_promise<teardown_receipt>();
                auto done = work->done;
                end(work, std::chrono::duration_cast<std::chrono::milliseconds>(grace));
                return done;
            },
            [this](note_atom, const environment_info& info) -> caf::result<void> {
                // For people to read: an environment is no worse for not being listed.
                if (auto noted = journal_->environment_started(info.id, to_json_value(info)); !noted)
                    return to_caf_error(noted.error());
                return {};
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

void reaper_behavior::keep_upkeep() {
    self_->run_delayed(upkeep_interval,
                       [self = reaper_actor{self_}] { caf_compat::send_anonymously(self, tick_atom_v); });
}

// --- making
// -------------------------------------------------------------------------------------------------------

void reaper_behavior::intend(const storage_request& request) {
    if (held_.contains(request.environment_id))
        return;
    bool detached = request.storage == storage_backend::tmpfs && shared_->host->greeting().mounts;
    resource_record record;
    auto& held = held_[request.environment_id];
    held.environment_name = request.name;
    held.launcher = shared_->launcher;
    if (detached) {
        record.kind = resource_kind::detached_storage;
        record.detail = {{"name", request.name}, {"launcher", held.launcher}};
    } else {
        auto folder = root_for(*shared_, request.storage) + "/" + request.environment_id;
        record.kind = resource_kind::storage_folder;
        record.detail = {
            {"name", request.name}, {"path", folder}, {"owner", shared_->owner}, {"launcher", held.launcher}};
        held.folders.push_back(folder);
    }
    if (auto intents = journal_->intend(request.environment_id, std::span{&record, 1}))
        held.intents = std::move(*intents);
    else
        held.failure = intents.error();
}

// Only what was intended and is not being undone: an environment that was ended while it was being set up may
// still ask, after its teardown.
outcome<void> reaper_behavior::check_usable(const std::string& id) const {
    auto found = held_.find(id);
    if (found == held_.end() || found->second.ending)
        return failure(error_code::environment_gone, "the environment is gone");
    if (found->second.failure)
        return failure(*found->second.failure);
    return {};
}

void reaper_behavior::acquire(storage_request request, storage_receiver receiver) {
    if (auto usable = check_usable(request.environment_id); !usable)
        return receiver.answer(failure(usable.error()));
    protocol::create order;
    order.environment_id = request.environment_id;
    order.prompt = request.name;
    order.storage = request.storage;
    order.size_bytes = request.size;
    order.size_files = std::max<std::int64_t>(1024, request.size / bytes_per_file);
    order.base_path = root_for(*shared_, request.storage);
    order.owner_marker = shared_->owner;
    order.layout_number = request.layout_number;
    shared_->host->create(
        std::move(order), [receiver = std::move(receiver)](outcome<protocol::created> made) {
            receiver.answer(made.map([](protocol::created& answer) {
                return storage_made{std::move(answer.storage_path), std::move(answer.host_path),
                                    std::move(answer.storage_kind)};
            }));
        });
}

void reaper_behavior::start_keeper(const std::string& id, const resource_limits& limits,
                                   caf::typed_response_promise<containment> done) {
    if (auto usable = check_usable(id); !usable)
        return done.deliver(to_caf_error(usable.error()));
    auto found = held_.find(id);
    const int launcher = found->second.launcher;
    std::vector<resource_record> records{{resource_kind::keeper, {{"launcher", launcher}}}};
    auto groups = groups_for(shared_->host->greeting(), id, limits);
    if (!groups.paths.empty())
        records.push_back({resource_kind::cgroup, {{"paths", groups.paths}, {"launcher", launcher}}});
    auto intents = journal_->intend(id, records);
    if (!intents)
        return done.deliver(to_caf_error(intents.error()));
    found->second.intents.insert(found->second.intents.end(), intents->begin(), intents->end());
    auto keeper_intent = intents->front();
    found->second.cgroups = std::move(groups.paths);
    shared_->host->start_keeper({id, groups.name, limits},
                                resume(self_, [this, id, done, intents = std::move(*intents), keeper_intent,
                                               launcher](outcome<protocol::keeper_started> started) mutable {
                                    if (!started) {
                                        // Somebody else's groups: they must not be undone as ours.
                                        if (started.error().code == error_code::name_in_use)
                                            forget_groups(id, intents.back());
                                        return done.deliver(to_caf_error(started.error()));
                                    }
                                    auto start_time =
                                        start_time_of(static_cast<pid_t>(started->keeper_pid)).value_or(0);
                                    if (auto holder = held_.find(id); holder != held_.end())
                                        holder->second.keepers.push_back({started->keeper_pid, start_time});
                                    // Teardown does not need it: a failure to note it is no reason to end the
                                    // environment.
                                    (void)journal_->amend(keeper_intent, {{"pid", started->keeper_pid},
                                                                          {"start_time", start_time},
                                                                          {"launcher", launcher}});
                                    done.deliver(started->in_force);
                                }));
}

void reaper_behavior::forget_groups(const std::string& id, resource_id intent) {
    auto found = held_.find(id);
    if (found == held_.end() || !journal_->done(std::span{&intent, 1}))
        return; // the launcher still knows that it made none
    std::erase(found->second.intents, intent);
    found->second.cgroups.clear();
}

// --- undoing
// ------------------------------------------------------------------------------------------------------

void reaper_behavior::end(const std::shared_ptr<teardown>& work, std::chrono::milliseconds grace) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    found->second.ending = true;
    if (found->second.launcher != shared_->launcher)
        return undo_by_path(work);
    shared_->host->end({work->id, grace}, answer_for(work));
}

// A launcher that died meanwhile leaves the rest to the next one, of which word will come.
std::function<void(outcome<protocol::ended>)> reaper_behavior::answer_for(std::shared_ptr<teardown> work) {
    return resume(self_, [this, work, asked = shared_->launcher.load()](outcome<protocol::ended> result) {
        bool lost = !result && result.error().code == error_code::launcher_crashed;
        if (lost && asked == shared_->launcher)
            interrupted_.push_back(work);
        else if (lost)
            undo_by_path(work);
        else
            attempted(work, std::move(result));
    });
}

// A launcher where there is none, and through it the teardowns that the one before has left.
outcome<void> reaper_behavior::ensure_launcher() {
    outcome<void> ready;
    if (shared_->host->launcher_is_lost()) {
        ++shared_->launcher;
        ready = shared_->host->restart();
        next_launcher_ = self_->clock().now() + launcher_pause_;
        launcher_pause_ = ready ? first_pause : std::min(launcher_pause_ * 2, longest_pause);
    }
    for (const auto& work : std::exchange(interrupted_, {}))
        if (ready)
            undo_by_path(work);
        else
            attempted(work, failure(ready.error()));
    return ready;
}

void reaper_behavior::undo_by_path(const std::shared_ptr<teardown>& work) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    const auto& held = found->second;
    shared_->host->undo({held.folders, shared_->owner, held.cgroups, held.keepers}, answer_for(work));
}

void reaper_behavior::attempted(const std::shared_ptr<teardown>& work, outcome<protocol::ended> result) {
    auto& receipt = work->receipt;
    receipt.residue.clear();
    if (result) {
        receipt.processes_killed += result->processes_killed;
        receipt.mounts_removed += result->mounts_removed;
        receipt.cgroups_removed += result->cgroups_removed;
        receipt.files_removed += result->files_removed;
        receipt.bytes_removed += result->bytes_removed;
        receipt.residue = std::move(result->residue);
        if (result->out_of_memory && work->reason == cleanup_reason::failed_state)
            work->reason = cleanup_reason::out_of_memory;
    } else {
        receipt.residue.push_back({"environment", work->id, result.error().message});
    }
    if (receipt.residue.empty())
        if (auto found = held_.find(work->id); found != held_.end()) {
            if (auto crossed_out = journal_->done(found->second.intents); !crossed_out)
                receipt.residue.push_back({"journal", work->id, crossed_out.error().message});
            else
                held_.erase(found);
        }
    finish(work);
}

void reaper_behavior::finish(const std::shared_ptr<teardown>& work) {
    auto& receipt = work->receipt;
    receipt.environment_id = work->id;
    receipt.environment_name = work->environment_name;
    receipt.reason = work->reason;
    receipt.finished_at = std::chrono::system_clock::now();
    receipt.duration = std::chrono::steady_clock::now() - work->began;
    // With something left as well: who finishes it then knows why it had to end. The environment is as gone
    // as it is whether or not its end can be noted.
    (void)journal_->environment_ended(work->id, work->reason, to_json_value(receipt));
    if (!work->answered) {
        work->answered = true;
        work->done.deliver(receipt);
    } else if (receipt.clean()) {
        caf_compat::send_anonymously(shared_->supervisor, torn_down_atom_v, receipt);
    }
    if (receipt.clean())
        return;
    // What is left is tried again until it is gone, less and less often.
    auto pause = work->pause;
    work->pause = std::min(work->pause * 2, longest_pause);
    self_->run_delayed(pause, [this, work] {
        auto found = held_.find(work->id);
        if (found != held_.end() && found->second.launcher != shared_->launcher)
            undo_by_path(work);
        else
            end(work, std::chrono::milliseconds{0});
    });
}

reaper_actor spawn_reaper(caf::actor_system& system, std::shared_ptr<services> shared,
                          std::shared_ptr<journal> records, bool own_thread) {
    using actor = reaper_actor::stateful_impl<reaper_behavior>;
    if (own_thread)
        return system.spawn<actor, caf::detached>(std::move(shared), std::move(records));
    return system.spawn<actor>(std::move(shared), std::move(records));
}

} // namespace gestvenv
