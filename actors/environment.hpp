// SPDX-License-Identifier: MIT
// One environment: its state, its commands, its installations. It owns nothing that outlives it; what the
// machine holds for it belongs to the reaper, so that its death, however it comes, leaves nothing.
#pragma once

#include "actors/environment_lifecycle.hpp"
#include "actors/services.hpp"
#include "actors/shared_info.hpp"
#include "messages/outcome.hpp"
#include "messages/resolved_specification.hpp"
#include "system/tracing/span.hpp"

#include <gestvenv/environment_info.hpp>

#include <caf/disposable.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

class environment_state {
public:
    using pointer = environment_actor::pointer;

    /// `spec` as the supervisor has completed it.
    environment_state(pointer self, std::shared_ptr<const services> shared, resolved_specification spec,
                      std::shared_ptr<shared_info> info);
    environment_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.environment";

private:
    using instant = std::chrono::steady_clock::time_point;
    template <class T>
    using promise = caf::typed_response_promise<T>;

    struct running_command {
        promise<operation_result> done;
        std::string text;
        caf::disposable timeout;
        bool timed_out = false;
        span whole;
        span process;
    };

    void create(promise<environment_info> done);
    void acquire(promise<environment_info> done);
    void fill(promise<environment_info> done);
    /// Of an operation; empty without a receiver of spans.
    span step_of(const std::optional<request_origin>& whole, std::string_view step) const;
    void become_ready(promise<environment_info> done);
    void fail(promise<environment_info> done, const caf::error& reason);

    caf::result<operation_result> execute(command_spec command, output_receiver receiver);
    void run(process_request request, running_command command,
             std::optional<std::chrono::milliseconds> timeout);
    void ended(std::uint64_t number, outcome<operation_result> result);
    void lose_keeper();
    using package_answer = std::function<void(outcome<install_result>)>;
    /// Has a backend do it, after all that it was asked before.
    void add_package_work(package_action action, package_request request, package_answer done,
                          const std::optional<request_origin>& origin = {});
    /// The same for a request from outside.
    caf::result<install_result> change_packages(package_action action, outcome<package_request> request);
    caf::result<std::vector<installed_package>> list_packages();
    void next_package_work();
    /// At the end: whose process could not be ended is answered all the same.
    void end_commands();
    void end_handed_work(std::uint64_t number, outcome<install_result> result);
    void lose_installer();
    void end_package_work(package_action action, const package_answer& done, const span& whole,
                          outcome<install_result> result);
    /// `whole`: the operation that needs it now.
    void with_keeper(std::function<void(outcome<void>)> work, const std::optional<request_origin>& whole);
    /// An operation that began with `origin`, or, without one, a trace of its own behind that of the creation.
    span begin_operation(std::string_view name, const std::optional<request_origin>& origin) const;

    const environment_info& info() const noexcept { return info_->own(); }
    outcome<void> go(environment_status next);
    outcome<void> check_usable() const;
    error named(error reason) const;
    bool busy() const noexcept { return !commands_.empty() || !package_work_.empty() || activities_ > 0; }
    void begin_activity();
    void end_activity();
    void touch();
    void note_packages(package_action action, const install_result& result);
    instant clock_now() const;
    caf::timespan time_left(cleanup_reason reason) const;

    pointer self_;
    std::shared_ptr<const services> shared_;
    resolved_specification spec_;
    std::shared_ptr<shared_info> info_;
    environment_lifecycle state_;
    interpreter_choice interpreter_;
    storage_made storage_;
    std::uint64_t next_command_ = 1;
    std::map<std::uint64_t, running_command> commands_;
    struct package_work {
        package_action action;
        package_request request;
        package_answer done;
        span whole;
    };
    std::deque<package_work> package_work_;
    /// The work that the installer has, by the number of its first command.
    struct handed_work {
        std::uint64_t number = 0;
        package_action action = package_action::install;
        package_answer done;
        span whole;
    };
    std::optional<handed_work> handed_;
    bool installing_ = false;
    /// On the actors' clock, which no change of the wall clock moves.
    instant born_{};
    instant last_active_{};
    std::chrono::seconds force_after_{0};
    /// Commands and installations under way, including those that wait for the keeper.
    int activities_ = 0;
    enum class keeper_state { none, starting, running };
    keeper_state keeper_ = keeper_state::none;
    std::vector<std::function<void(outcome<void>)>> waiting_for_keeper_;
    bool stopping_ = false;
};

/// The storage of an environment with this completed specification, yet without a layout.
storage_request storage_request_for(const std::string& id, const resolved_specification& spec);

/// What is known of an environment with this completed specification before it is made.
environment_info first_info(std::string id, const resolved_specification& spec);

/// The actor; answers `create_atom` once, and keeps `info` up to date.
environment_actor spawn_environment(caf::actor_system& system, std::shared_ptr<const services> shared,
                                    resolved_specification spec, std::shared_ptr<shared_info> info);

} // namespace gestvenv
