// SPDX-License-Identifier: MIT
// The assembly of one runtime: state folder, journal, launcher, actors; built from the bottom up and taken
// down from the top. Behind the public face, so that no host sees CAF.
#pragma once

#include "actors/services.hpp"
#include "messages/caf/actors.hpp"
#include "messages/outcome.hpp"
#include "runtime/answers.hpp"
#include "runtime/callback_thread.hpp"
#include "runtime/environment_host.hpp"
#include "runtime/orphan_recovery.hpp"
#include "system/journal/journal.hpp"
#include "system/journal/state_folder.hpp"
#include "system/process/local_machine.hpp"

#include <gestvenv/runtime.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <sys/types.h>

namespace gestvenv {

/// Where the runtime says what no return value can: the host's function, one call at a time. Shared with
/// threads that could outlive the runtime by a moment.
class log_sink {
public:
    using function = std::function<void(std::string_view)>;

    log_sink(function log, function warn) : log_(std::move(log)), warn_(warn ? std::move(warn) : log_) {}
    void say(std::string_view text) noexcept { pass(log_, text); }
    void warn(std::string_view text) noexcept { pass(warn_, text); }

private:
    void pass(const function& host, std::string_view text) noexcept;

    std::mutex mutex_;
    function log_;
    function warn_;
};

class runtime_core final : public environment_host {
public:
    /// Throws the exceptions of the public face.
    explicit runtime_core(runtime_options options);
    runtime_core(const runtime_core&) = delete;
    runtime_core& operator=(const runtime_core&) = delete;
    ~runtime_core() override;

    /// Ends everything, once: environments, actors, launcher, state folder. Environments that a host still
    /// holds find the runtime ended. Does nothing in a forked child.
    void close() noexcept;

    /// Asks the supervisor; `done` runs once, on a thread of the actors, and must neither block nor throw.
    /// The error is `shutting_down` when the runtime ends before there is an answer.
    template <class Answer, class... Arguments>
    void begin(std::function<void(outcome<Answer>)> done, Arguments&&... arguments);
    /// Asks another actor of this runtime in the same way.
    template <class Answer, class Handle, class... Arguments>
    void begin_at(const Handle& receiver, std::function<void(outcome<Answer>)> done,
                  Arguments&&... arguments);
    /// For actors of layers above: they live in this runtime's system, and end with it (end_on_exception).
    caf::actor_system& actors() noexcept { return *actors_; }
    const std::shared_ptr<services>& shared() const noexcept { return services_; }
    /// The same with a future, which holds what `convert` makes of the answer or the exception for its error.
    template <class Answer, class Value = Answer, class Convert, class... Arguments>
    std::future<Value> ask_async(Convert convert, Arguments&&... arguments);
    /// Sends the supervisor something that needs no answer.
    template <class... Arguments>
    void tell(Arguments&&... arguments);
    /// Asks the supervisor and waits for the answer; throws the answer's error as an exception.
    template <class Answer, class... Arguments>
    Answer ask(Arguments&&... arguments);

    void find(const std::string& environment, callback<environment_info> done) override;
    void execute(const std::string& environment, command_spec command, output_receiver receiver,
                 callback<operation_result> done) override;
    void install(const std::string& environment, install_request request,
                 callback<install_result> done) override;
    void uninstall(const std::string& environment, uninstall_request request,
                   callback<install_result> done) override;
    void packages(const std::string& environment, callback<std::vector<installed_package>> done) override;
    void touch(const std::string& environment, callback<void> done) override;
    void history(const std::string& environment, std::size_t most,
                 callback<std::vector<runtime_event>> done) override;
    void usage(const std::string& environment, callback<usage_sample> done) override;
    void usage_history(const std::string& environment, std::size_t most,
                       callback<std::vector<usage_sample>> done) override;
    void processes(const std::string& environment, std::size_t most, callback<process_list> done) override;
    void destroy(const std::string& environment, bool force, callback<teardown_receipt> done) override;

    void log(std::string_view text) const noexcept override;
    void warn(std::string_view text) const noexcept;
    std::vector<teardown_receipt> shut_down();
    /// Finishes what crashed runtimes left (orphan_recovery.hpp), in the caller's thread.
    std::vector<teardown_receipt> cleanup_orphans();
    runtime_abilities abilities() const;
    runtime_config configuration() const { return *services_->config(); }
    std::vector<runtime_event> events(std::size_t most, std::string_view environment_id) const;
    std::string tree();
    callback_thread& callbacks() noexcept override { return *callbacks_; }
    bool in_own_process() const noexcept override;
    /// Threads go on using what this object holds after its end: it must never be destroyed.
    bool ends_with_process() const noexcept { return options_.ends_with_process; }
    void throw_if_forked() const override;

private:
    void find_surroundings();
    launcher_start_options launcher_options() const;
    void configure_actors();
    void start_actors();
    void begin_recovery();
    void open_desk();
    void stop_actors();
    void stop_services();
    void pass_events_on();
    void root_ended(const caf::error& reason);
    void end_everything() noexcept;
    bool recovery_ends_within(std::chrono::seconds patience);
    bool environments_end();
    bool ends_archived();
    void give_up_state_folder(bool keep);
    void launcher_lost();

    runtime_options options_;
    pid_t owner_;
    std::shared_ptr<log_sink> log_;
    std::optional<state_folder> state_;
    recovery_places places_;
    std::shared_ptr<journal> journal_;
    std::unique_ptr<local_machine> machine_;
    runtime_system_config actor_config_;
    std::unique_ptr<caf::actor_system> actors_;
    std::shared_ptr<services> services_;
    std::shared_ptr<callback_thread> callbacks_;
    std::shared_ptr<event_log> events_;
    /// Shared by those who ask, exclusive for the end.
    std::shared_mutex gate_;
    supervisor_actor supervisor_;
    /// From before there was a listener.
    bool launcher_was_lost_ = false;
    service_supervisor_actor service_supervisor_;
    /// Asks on behalf of threads that are no actors.
    caf::actor desk_;
    /// Ready when what crashed runtimes left has been looked for; not valid where it is not.
    std::future<void> recovered_;
    std::once_flag closed_;
    /// Every environment is gone, and there can be no other any more.
    std::atomic<bool> all_ended_{false};
    std::atomic<bool> ending_{false};
};

} // namespace gestvenv
