// The root of one runtime: admits environments against the global limits, keeps the table of them, and sees
// to it that every one is torn down, however its actor ended.
//
// An environment's reservation comes back only with a receipt that leaves nothing; its actor's death alone
// (DOWN) frees nothing.
#pragma once

#include "actors/admission.hpp"
#include "actors/services.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gestvenv {

class supervisor_behavior {
public:
    using pointer = supervisor_actor::pointer;

    supervisor_behavior(pointer self, std::shared_ptr<services> shared);
    supervisor_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.supervisor";

private:
    using receipt_handler = std::function<void(const teardown_receipt&)>;
    enum class stage { creating, alive, ending, stuck };

    struct child {
        environment_actor actor;
        /// Tells a late DOWN of an earlier actor from this one's.
        std::uint64_t incarnation = 0;
        std::string environment_name;
        stage now = stage::creating;
        /// Waiting for the receipt of the teardown under way.
        std::vector<receipt_handler> waiting;
        teardown_receipt last;
    };

    caf::result<environment_info> create(environment_spec spec);
    void created(const std::string& id, caf::typed_response_promise<environment_info> done,
                 environment_info info);
    caf::result<teardown_receipt> destroy(const std::string& wanted, cleanup_reason reason, bool force);
    caf::result<std::vector<teardown_receipt>> shut_down(cleanup_reason reason);
    void launcher_lost();

    /// Stops the environment's actor, has everything undone, then calls `done`. Joins a teardown under way.
    void end(const std::string& id, cleanup_reason reason, receipt_handler done);
    void tear_down(const std::string& id, cleanup_reason reason);
    void torn_down(const std::string& id, const teardown_receipt& receipt);

    /// Checked, and with the configured defaults where it leaves something open.
    outcome<environment_spec> complete(environment_spec spec) const;
    /// The id meant by an id, a unique prefix of one, or a name.
    outcome<std::string> find(const std::string& wanted) const;
    /// The same for one that can be used.
    outcome<environment_actor> find_alive(const std::string& wanted) const;

    pointer self_;
    std::shared_ptr<services> shared_;
    admission admission_;
    std::map<std::string, child> children_;
    std::uint64_t next_incarnation_ = 1;
    bool shutting_down_ = false;
};

supervisor_actor spawn_supervisor(caf::actor_system& system, std::shared_ptr<services> shared);

} // namespace gestvenv
