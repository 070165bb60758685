// SPDX-License-Identifier: MIT
// A node while it runs. Its start and its use are in node.cpp, its end in node_end.cpp.
#pragma once

#include "actors/supervision/service_supervisor.hpp"
#include "net/node/node.hpp"
#include "net/node/node_place.hpp"
#include "net/node/node_services.hpp"
#include "net/rest/api.hpp"
#include "system/posix/descriptor.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class running_node {
public:
    explicit running_node(const node_options& options)
        : options_(options), ready_descriptor_(options.ready_descriptor) {}

    /// From the start to the end.
    outcome<void> run();

private:
    /// For what actors and the server's thread answer.
    static constexpr std::chrono::seconds answer_limit{10};

    outcome<void> start_or_undo();
    outcome<void> start();
    outcome<void> find_place();
    outcome<void> start_runtime();
    outcome<void> start_services();
    outcome<void> listen(std::vector<descriptor> handed_over);
    outcome<void> announce();
    void tell_starter(const std::string& text);

    void wait();
    void note_use() { last_use_ = std::chrono::steady_clock::now().time_since_epoch().count(); }
    bool is_used() const;
    bool has_environments() const;
    void reload_by_signal();
    outcome<std::vector<std::string>> reload();
    bool is_part_of_process() const noexcept { return options_.within.stop_possible(); }
    void stop();
    void say(std::string_view text) const { services_.observability->say(log_level::info, text); }

    outcome<void> end();
    void leave() noexcept;
    /// Once, whatever comes after it.
    std::vector<teardown_receipt> take_down();
    void leave_runtime();

    const node_options& options_;
    int ready_descriptor_;
    sigset_t signals_{};
    std::optional<node_place> place_;
    descriptor lock_;
    node_record record_;
    /// Whether the Unix socket is this node's to remove.
    bool own_socket_ = false;
    /// Until the runtime ends, the end of an owner ends its environments.
    std::mutex owners_;
    bool heeds_owners_ = true;
    /// Whether the server has been started.
    bool serves_ = false;
    bool is_taken_down_ = false;
    node_services services_;
    service_supervisor_actor supervisor_;
    std::optional<rest::api> api_;
    std::optional<http::server> server_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable_any changed_;
    /// The end of an environment, or of the page's user, by the monotonic clock.
    std::atomic<std::chrono::steady_clock::rep> last_use_{0};
};

} // namespace gestvenv
