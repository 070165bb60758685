#include "actors/cleanup_scheduler.hpp"

#include "actors/services.hpp"
#include "messages/caf_compat.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <set>

namespace gestvenv {

cleanup_scheduler_behavior::cleanup_scheduler_behavior(pointer self, supervisor_actor supervisor)
    : self_(self), supervisor_(std::move(supervisor)) {}

cleanup_scheduler_actor::behavior_type cleanup_scheduler_behavior::make_behavior() {
    end_on_exception(self_);
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
            [this](stop_atom) -> caf::result<void> {
                deadlines_.clear();
                self_->quit();
                return {};
            }};
}

// The actor system's clock is monotonic, and virtual in tests.
cleanup_scheduler_behavior::instant cleanup_scheduler_behavior::now() const {
    return self_->clock().now();
}

void cleanup_scheduler_behavior::keep_ticking() {
    if (ticking_ || deadlines_.empty())
        return;
    ticking_ = true;
    self_->run_delayed(resolution, [self = cleanup_scheduler_actor{self_}] {
        caf_compat::send_anonymously(self, tick_atom_v);
    });
}

void cleanup_scheduler_behavior::end_due() {
    std::map<std::string, cleanup_reason> due;
    auto time = now();
    for (const auto& [where, when] : deadlines_)
        if (when <= time)
            due.emplace(where.first, where.second);
    for (const auto& [id, reason] : due) {
        auto first = deadlines_.lower_bound({id, cleanup_reason{}});
        while (first != deadlines_.end() && first->first.first == id)
            first = deadlines_.erase(first);
        caf_compat::send_anonymously(supervisor_, destroy_atom_v, id, reason, true);
    }
}

cleanup_scheduler_actor spawn_cleanup_scheduler(caf::actor_system& system, supervisor_actor supervisor) {
    return system.spawn<cleanup_scheduler_actor::stateful_impl<cleanup_scheduler_behavior>>(
        std::move(supervisor));
}

} // namespace gestvenv
