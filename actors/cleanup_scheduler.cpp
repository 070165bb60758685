// SPDX-License-Identifier: MIT
#include "actors/cleanup_scheduler.hpp"

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace gestvenv {

cleanup_scheduler_state::cleanup_scheduler_state(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)) {}

cleanup_scheduler_actor::behavior_type cleanup_scheduler_state::make_behavior() {
    end_on_exception(self_);
    keep_sweeping();
    return {[this](schedule_atom, const std::string& id, cleanup_reason reason,
                   caf::timespan delay) -> caf::result<void> {
                if (delay == caf::timespan::max())
                    deadlines_.erase({id, reason});
                else
                    deadlines_[{id, reason}] = now() + delay;
                keep_ticking();
                return {};
            },
            [this](forget_atom, const std::string& id) -> caf::result<void> {
                auto first = deadlines_.lower_bound({id, cleanup_reason{}});
                while (first != deadlines_.end() && first->first.first == id)
                    first = deadlines_.erase(first);
                return {};
            },
            [this](tick_atom) -> caf::result<void> {
                ticking_ = false;
                end_due();
                keep_ticking();
                return {};
            },
            [this](sweep_atom) -> caf::result<void> {
                caf_compat::send_anonymously(shared_->supervisor, sweep_atom_v);
                keep_sweeping();
                return {};
            },
            [this](configure_atom) -> caf::result<void> {
                if (shared_->config()->cleanup_interval != interval_)
                    keep_sweeping();
                return {};
            }};
}

// The actor system's clock is monotonic, and virtual in tests.
cleanup_scheduler_state::instant cleanup_scheduler_state::now() const {
    return self_->clock().now();
}

void cleanup_scheduler_state::keep_ticking() {
    if (ticking_ || deadlines_.empty())
        return;
    ticking_ = true;
    self_->run_delayed(resolution, [self = cleanup_scheduler_actor{self_}] {
        caf_compat::send_anonymously(self, tick_atom_v);
    });
}

// The interval may be changed while the runtime lives.
void cleanup_scheduler_state::keep_sweeping() {
    if (next_sweep_)
        next_sweep_.dispose();
    next_sweep_ = {};
    interval_ = shared_->config()->cleanup_interval;
    if (interval_ != unlimited)
        next_sweep_ = self_->run_delayed(interval_, [self = cleanup_scheduler_actor{self_}] {
            caf_compat::send_anonymously(self, sweep_atom_v);
        });
}

// The supervisor asks the environment, which knows whether there was activity since.
void cleanup_scheduler_state::end_due() {
    auto time = now();
    for (auto item = deadlines_.begin(); item != deadlines_.end();) {
        if (item->second > time) {
            ++item;
            continue;
        }
        const auto& [id, reason] = item->first;
        caf_compat::send_anonymously(shared_->supervisor, expire_atom_v, id, reason);
        item = deadlines_.erase(item);
    }
}

cleanup_scheduler_actor spawn_cleanup_scheduler(caf::actor_system& system,
                                                std::shared_ptr<const services> shared) {
    return system.spawn<cleanup_scheduler_actor::stateful_impl<cleanup_scheduler_state>>(std::move(shared));
}

} // namespace gestvenv
