// Runs package backends inside environments: confined like any command, with the caller's index and
// certificate settings, a bounded number at a time per backend.
#pragma once

#include "actors/services.hpp"
#include "system/python/backends/backend.hpp"

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <map>
#include <memory>

namespace gestvenv {

class installer_behavior {
public:
    using pointer = installer_actor::pointer;

    /// Installations of one backend at a time; each keeps a core and the network busy.
    static constexpr int most_per_backend = 4;

    installer_behavior(pointer self, std::shared_ptr<const services> shared);
    installer_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.installer";

private:
    struct work {
        install_job job;
        caf::typed_response_promise<install_result> done;
    };

    void next(backend kind);
    void start(work item);
    void finish(const work& item, bool timed_out, outcome<operation_result> result);

    pointer self_;
    std::shared_ptr<const services> shared_;
    std::map<backend, std::deque<work>> waiting_;
    std::map<backend, int> running_;
};

installer_actor spawn_installer(caf::actor_system& system, std::shared_ptr<const services> shared);

} // namespace gestvenv
