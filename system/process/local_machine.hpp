// SPDX-License-Identifier: MIT
// The machine this program runs on, reached through its launcher.
#pragma once

#include "system/process/keeper_link.hpp"
#include "system/process/launcher_start.hpp"
#include "system/process/machine.hpp"
#include "system/process/reactor.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace gestvenv {

class local_machine final : public machine {
public:
    /// Starts the launcher and does not wait for it: until finish_start() has returned, requests fail and
    /// greeting() is empty. `lost` is called on the machine's thread when the launcher ends without having
    /// been asked to.
    static outcome<std::unique_ptr<local_machine>> begin_start(launcher_start_options options,
                                                               std::function<void()> lost);
    /// Blocks for some milliseconds, at most 20 s.
    outcome<void> finish_start();
    /// Both in one.
    static outcome<std::unique_ptr<local_machine>> start(launcher_start_options options,
                                                         std::function<void()> lost);
    /// How long the destructor waits: a little longer than the launcher takes at most to undo everything.
    static constexpr std::chrono::seconds farewell_limit{12};

    /// As end_launcher(), and ends the machine's thread.
    ~local_machine() override;

    /// Asks the launcher to undo everything and to end, and does not wait for it.
    void begin_end();
    /// The same, and waits for it. Requests fail from then on.
    void end_launcher();
    /// The same, and waits until its process has ended, in this thread: with no other to be woken in between.
    void outlive_launcher();

    void set_layout(std::uint64_t number, const python::venv_layout& layout) override;
    void create(protocol::create request, callback<protocol::created> done) override;
    void start_keeper(protocol::start_keeper request, callback<protocol::keeper_started> done) override;
    void run(const std::string& environment_id, process_request request,
             callback<operation_result> done) override;
    void kill(const std::string& environment_id, std::uint64_t command,
              std::chrono::milliseconds grace) override;
    void sample(std::vector<std::string> environment_ids, callback<std::vector<usage_reading>> done) override;
    void list_processes(protocol::list_processes request, callback<protocol::listed> done) override;
    void end(protocol::end request, callback<protocol::ended> done) override;
    void undo(protocol::undo request, callback<protocol::ended> done) override;
    bool launcher_is_lost() const override;
    outcome<void> restart() override;
    protocol::greeting greeting() const override;

private:
    struct launcher_link;
    /// Takes the answer to one request, or the error that took its place.
    using reply = std::function<void(outcome<channel::message>)>;

    local_machine(launcher_start_options options, std::function<void()> lost);

    outcome<void> connect(launcher_connection connection);
    template <class Answer, class Body>
    void ask(protocol::kind what, protocol::kind expected, Body body,
             std::function<void(outcome<Answer>, channel::message)> done);
    void read_launcher(const std::shared_ptr<launcher_link>& link);
    void lose_launcher(const std::shared_ptr<launcher_link>& link);
    std::shared_ptr<keeper_link> find_keeper(const std::string& environment_id) const;
    void forget_keeper(const std::string& environment_id);

    launcher_start_options options_;
    std::function<void()> lost_;
    mutable std::mutex mutex_;
    protocol::greeting greeting_;
    std::shared_ptr<launcher_link> launcher_;
    std::map<std::string, std::shared_ptr<keeper_link>> keepers_;
    std::map<std::uint64_t, python::venv_layout> layouts_;
    /// Between begin_start() and finish_start().
    std::optional<starting_launcher> starting_;
    bool closing_ = false;
    /// Last, so that its thread ends before what it uses.
    std::unique_ptr<reactor> events_;
};

} // namespace gestvenv
