// SPDX-License-Identifier: MIT
// What `gestvenv ephemeral top` hears of its node, and has it do, on threads of its own: a node that does not answer keeps
// no key waiting.
#pragma once

#include "messages/outcome.hpp"
#include "net/client/node_link.hpp"
#include "net/rest/environment_usage.hpp"
#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gestvenv::cli {

/// Since the last time.
struct top_news {
    /// Unset: nothing new.
    std::optional<std::vector<rest::environment_usage>> living;
    /// Why nothing is heard; empty: it is.
    std::string trouble;
    /// What came of an action, one line.
    std::optional<std::string> told;
    /// What was to be shown.
    std::optional<std::string> text;
};

/// All functions are for one thread.
class top_source {
public:
    /// Asks at once, and again `interval` after each answer. Error: no descriptor.
    static outcome<std::unique_ptr<top_source>> start(node_choice choice, std::chrono::milliseconds interval);
    top_source(const top_source&) = delete;
    top_source& operator=(const top_source&) = delete;
    /// What is under way is given up; what a node has begun, it ends.
    ~top_source();

    /// Readable when there are news.
    int descriptor() const noexcept { return wake_.get(); }
    top_news take();

    /// Ends an environment, also while commands run in it.
    void end(const std::string& id, const std::string& name);
    /// Has its description made.
    void show(const std::string& id);

private:
    top_source(node_choice choice, std::chrono::milliseconds interval, gestvenv::descriptor wake);

    void watch();
    void act();
    void look();
    outcome<std::shared_ptr<node_link>> link();
    void wake() const noexcept;
    void post(std::function<void()> action);
    outcome<std::string> description_of(const std::string& id);

    const node_choice choice_;
    const std::chrono::milliseconds interval_;
    const gestvenv::descriptor wake_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ends_ = false;
    std::shared_ptr<node_link> link_;
    bool link_is_local_ = false;
    top_news news_;
    std::deque<std::function<void()>> actions_;
    std::thread watcher_;
    std::thread actor_;
};

} // namespace gestvenv::cli
