// SPDX-License-Identifier: MIT
// CAF's scheduler with one queue for all workers, which wakes a worker when it can go on. CAF itself wakes it while the
// queue is still locked: it then waits for the lock at once, and each message costs two switches of threads more.
#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/config.hpp>

#if CAF_MAJOR_VERSION < 1

#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <mutex>

namespace gestvenv::caf_compat {

class prompt_sharing : public caf::policy::work_sharing {
public:
    template <class Coordinator>
    void central_enqueue(Coordinator* self, caf::resumable* job) {
        queue_type one{job};
        auto& data = d(self);
        {
            std::scoped_lock lock{data.lock};
            data.queue.splice(data.queue.end(), one);
        }
        data.cv.notify_one();
    }

    template <class Worker>
    void external_enqueue(Worker* self, caf::resumable* job) {
        central_enqueue(self->parent(), job);
    }

    template <class Worker>
    void internal_enqueue(Worker* self, caf::resumable* job) {
        central_enqueue(self->parent(), job);
    }

    template <class Worker>
    void resume_job_later(Worker* self, caf::resumable* job) {
        central_enqueue(self->parent(), job);
    }
};

inline void use_prompt_sharing(caf::actor_system_config& config) {
    // Which takes the place of the one that it would make by itself.
    config.module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
        return caf::scheduler::coordinator<prompt_sharing>::make(system, {});
    });
}

} // namespace gestvenv::caf_compat

#else

namespace gestvenv::caf_compat {

/// The scheduler is no module any more; its sharing policy is taken as it is.
inline void use_prompt_sharing(caf::actor_system_config&) {}

} // namespace gestvenv::caf_compat

#endif
