// SPDX-License-Identifier: MIT
#include "actors/monitor.hpp"

#include "actors/supported.hpp"
#include "actors/usage_board.hpp"
#include "messages/caf/error.hpp"
#include "system/process/shown_processes.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace gestvenv {

namespace {

constexpr double bytes_per_megabyte = 1024 * 1024;
constexpr std::ptrdiff_t most_at_once = 5000;

usage_limits limits_of(const resolved_specification& spec) {
    usage_limits limits;
    if (auto memory = enforced_limits(spec).max_memory)
        limits.memory_bytes = memory->bytes();
    // A tmpfs always has a size, a folder none but what was asked for.
    if (spec.asked.resource_limits.max_disk)
        limits.disk_bytes = spec.asked.resource_limits.max_disk->bytes();
    else if (spec.storage == storage_backend::tmpfs)
        limits.disk_bytes = default_storage_size.bytes();
    limits.cpu_percent = spec.asked.resource_limits.max_cpu_percent;
    return limits;
}

bool is_healthy(const std::vector<alert>& alerts) {
    return std::none_of(alerts.begin(), alerts.end(),
                        [](const alert& one) { return one.level == alert_level::critical; });
}

tl::unexpected<error> unknown(const std::string& id) {
    return failure(error{error_code::environment_gone, "the environment is not being watched", id, {}});
}

} // namespace

monitor_state::monitor_state(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)) {}

monitor_state::~monitor_state() {
    for (const auto& [id, item] : watched_)
        usage_board::of_process().remove(id);
}

monitor_actor::behavior_type monitor_state::make_behavior() {
    end_on_exception(self_);
    return {
        [this](watch_atom, const std::string& id, const resolved_specification& spec) -> caf::result<void> {
            watch(id, spec);
            keep_ticking();
            return {};
        },
        [this](forget_atom, const std::string& id) -> caf::result<void> {
            watched_.erase(id);
            usage_board::of_process().remove(id);
            return {};
        },
        [this](configure_atom) -> caf::result<void> {
            keep_ticking();
            return {};
        },
        [this](tick_atom) -> caf::result<void> {
            tick();
            return {};
        },
        [this](usage_atom) -> caf::result<resource_usage> {
            if (watched_.empty() || (all_sampled_at_ && self_->clock().now() - *all_sampled_at_ < fresh))
                return totals();
            auto done = self_->make_response_promise<resource_usage>();
            sample(all_ids(), false, [this, done](const outcome<void>& sampled) mutable {
                if (!sampled)
                    return done.deliver(to_caf_error(sampled.error()));
                done.deliver(totals());
            });
            return done;
        },
        [this](usage_atom, const std::string& id) -> caf::result<usage_sample> {
            auto done = self_->make_response_promise<usage_sample>();
            sample({id}, false, [this, done, id](const outcome<void>& sampled) mutable {
                auto found = watched_.find(id);
                if (!sampled)
                    return done.deliver(to_caf_error(sampled.error()));
                if (found == watched_.end() || !found->second.history.latest())
                    return done.deliver(to_caf_error(unknown(id).value()));
                done.deliver(*found->second.history.latest());
            });
            return done;
        },
        [this](history_atom, const std::string& id,
               std::uint64_t most) -> caf::result<std::vector<usage_sample>> {
            auto found = watched_.find(id);
            if (found == watched_.end())
                return to_caf_error(unknown(id).value());
            return found->second.history.last(static_cast<std::size_t>(most));
        },
        [this](processes_atom, const std::string& id, std::uint64_t most) -> caf::result<process_list> {
            auto done = self_->make_response_promise<process_list>();
            const auto bound = std::min<std::uint64_t>(most, process_list::most_processes);
            shared_->machine->list_processes({id, static_cast<std::int64_t>(bound)},
                                             resume(self_, [done](outcome<protocol::listed> found) mutable {
                                                 if (!found)
                                                     return done.deliver(to_caf_error(found.error()));
                                                 done.deliver(shown_processes(std::move(*found)));
                                             }));
            return done;
        },
        [](const continuation& next) -> caf::result<void> {
            next.run();
            return {};
        }};
}

void monitor_state::watch(const std::string& id, const resolved_specification& spec) {
    watched item{spec.asked.name, spec.storage != storage_backend::disk,
                 spec.asked.resource_limits.max_memory.has_value(),
                 usage_history{limits_of(spec), self_->clock().now()}};
    watched_.insert_or_assign(id, std::move(item));
    usage_board::of_process().put(id, {}, true);
}

// The interval is read anew each time: it may be changed while the runtime lives.
void monitor_state::keep_ticking() {
    auto config = shared_->config();
    if (ticking_ || watched_.empty() || !config->enable_monitoring ||
        config->monitoring_interval == unlimited)
        return;
    ticking_ = true;
    self_->run_delayed(config->monitoring_interval,
                       [self = monitor_actor{self_}] { caf_compat::send_anonymously(self, tick_atom_v); });
}

void monitor_state::tick() {
    ticking_ = false;
    // A sampling that has not come back by now is not helped by another one.
    if (!watched_.empty() && !sampling_ && shared_->config()->enable_monitoring) {
        sampling_ = true;
        // A launcher that is gone takes its environments along, which others see to.
        sample(all_ids(), true, [this](const outcome<void>&) { sampling_ = false; });
    }
    keep_ticking();
}

void monitor_state::sample(std::vector<std::string> ids, bool keep,
                           std::function<void(const outcome<void>&)> done) {
    bool all = ids.size() == watched_.size();
    sample_some(std::move(ids), keep, [this, all, done = std::move(done)](const outcome<void>& sampled) {
        if (sampled && all)
            all_sampled_at_ = self_->clock().now();
        done(sampled);
    });
}

// What all environments use together may be more than one message holds.
void monitor_state::sample_some(std::vector<std::string> ids, bool keep,
                                std::function<void(const outcome<void>&)> done) {
    std::vector<std::string> later;
    if (std::ssize(ids) > most_at_once) {
        later.assign(std::make_move_iterator(ids.begin() + most_at_once), std::make_move_iterator(ids.end()));
        ids.resize(most_at_once);
    }
    shared_->machine->sample(std::move(ids),
                             resume(self_, [this, keep, later = std::move(later), done = std::move(done)](
                                               outcome<std::vector<usage_reading>> readings) mutable {
                                 if (!readings)
                                     return done(failure(readings.error()));
                                 take(*readings, keep);
                                 if (later.empty())
                                     return done({});
                                 sample_some(std::move(later), keep, std::move(done));
                             }));
}

void monitor_state::take(const std::vector<usage_reading>& readings, bool keep) {
    auto now = self_->clock().now();
    auto wall = std::chrono::system_clock::now();
    for (const auto& reading : readings) {
        auto found = watched_.find(reading.environment_id);
        if (found == watched_.end())
            continue; // it ended meanwhile
        for (const auto& change : found->second.history.add(reading, now, wall, keep))
            publish(found->first, found->second.name, change);
        const auto& history = found->second.history;
        usage_board::of_process().put(found->first, history.latest(), is_healthy(history.alerts()));
    }
}

void monitor_state::publish(const std::string& id, const std::string& environment_name,
                            const usage_history::change& change) {
    const auto& what = change.what;
    const char* unit = what.kind == alert_kind::stale ? "s" : "%";
    if (change.raised)
        ++alerts_total_;
    shared_->events->publish(
        change.raised ? event_kind::alert_raised : event_kind::alert_cleared, id, environment_name,
        fmt::format("{} {}: {:.0f} {}, {} {:.0f} {}", to_string(what.kind), to_string(what.level), what.value,
                    unit, change.raised ? "from" : "again below", what.threshold, unit));
}

std::vector<std::string> monitor_state::all_ids() const {
    std::vector<std::string> ids;
    ids.reserve(watched_.size());
    for (const auto& [id, item] : watched_)
        ids.push_back(id);
    return ids;
}

resource_usage monitor_state::totals() const {
    auto config = shared_->config();
    resource_usage usage;
    usage.active_environments = static_cast<std::int64_t>(watched_.size());
    usage.max_concurrent = config->max_concurrent;
    usage.max_total_memory_mb = config->max_total_memory_mb;
    usage.max_total_disk_mb = config->max_total_disk_mb;
    usage.alerts_total = alerts_total_;
    std::int64_t memory = 0;
    std::int64_t disk = 0;
    for (const auto& [id, item] : watched_) {
        if (const auto& latest = item.history.latest()) {
            memory += latest->memory_bytes;
            if (!item.in_memory)
                disk += latest->disk_bytes;
            else if (!item.limited)
                memory += latest->disk_bytes;
        }
        for (auto raised : item.history.alerts()) {
            raised.environment_id = id;
            raised.environment_name = item.name;
            usage.alerts.push_back(std::move(raised));
        }
    }
    std::stable_sort(usage.alerts.begin(), usage.alerts.end(),
                     [](const alert& a, const alert& b) { return a.since < b.since; });
    usage.total_memory_mb = static_cast<double>(memory) / bytes_per_megabyte;
    usage.total_disk_mb = static_cast<double>(disk) / bytes_per_megabyte;
    return usage;
}

monitor_actor spawn_monitor(caf::actor_system& system, std::shared_ptr<const services> shared) {
    return system.spawn<monitor_actor::stateful_impl<monitor_state>>(std::move(shared));
}

} // namespace gestvenv
