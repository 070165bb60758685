// SPDX-License-Identifier: MIT
#include "system/launcher/process_tree.hpp"

#include "messages/fault_point.hpp"
#include "system/posix/process_handle.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace gestvenv {

namespace {

// One pass is given no time to wait in, only to get ahead of who forks.
constexpr std::chrono::milliseconds one_pass_limit{20};

// Unset when there is nothing to look with: /proc cannot be opened without a free descriptor.
std::optional<std::vector<pid_t>> all_processes() {
    std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir("/proc"), ::closedir};
    if (!entries)
        return std::nullopt;
    std::vector<pid_t> result;
    while (auto* entry = ::readdir(entries.get())) { // NOLINT(concurrency-mt-unsafe)
        char* end = nullptr;
        auto pid = static_cast<pid_t>(std::strtol(entry->d_name, &end, 10));
        if (pid > 0 && *end == '\0')
            result.push_back(pid);
    }
    return result;
}

struct tree_look {
    std::vector<found_process> living;
    /// Children of the root that are zombies. A process that was born after the list of all had been made,
    /// and whose parent ended before it was looked at, is in no look: that parent, or one further up, is one
    /// of these. So none is left where none is found and none of these has come since the look before.
    std::size_t ended_children = 0;
};

std::optional<tree_look> find_descendants(pid_t root, const std::vector<pid_t>& except = {}) {
    auto all = all_processes();
    if (!all)
        return std::nullopt;
    fault_point("tree: has a list of all processes");
    auto spared = [&except](pid_t pid) {
        return std::find(except.begin(), except.end(), pid) != except.end();
    };
    tree_look result;
    std::unordered_map<pid_t, std::vector<found_process>> children;
    for (auto pid : *all) {
        auto facts = process_facts::of(pid);
        // A zombie's children have been given to another parent already: it leads nowhere.
        if (facts && facts->alive())
            children[facts->parent].push_back({pid, facts->parent, facts->start_time});
        else if (facts && facts->parent == root && !spared(pid))
            ++result.ended_children;
    }
    std::vector<pid_t> open{root};
    while (!open.empty()) {
        auto parent = open.back();
        open.pop_back();
        for (const auto& child : children[parent]) {
            if (spared(child.pid))
                continue;
            result.living.push_back(child);
            open.push_back(child.pid);
        }
    }
    return result;
}

// A look at the tree, and who of it is still who it was: a number may be another process's by now. The time
// of its start comes in ticks of 10 ms, so that its parent has to be one of the tree as well.
class tree_picture {
public:
    explicit tree_picture(pid_t root, const std::vector<pid_t>& except = {})
        : look_(find_descendants(root, except)) {
        numbers_.insert(root);
        for (const auto& process : processes())
            numbers_.insert(process.pid);
    }

    bool seen() const noexcept { return look_.has_value(); }

    const std::vector<found_process>& processes() const noexcept {
        static const std::vector<found_process> none;
        return look_ ? look_->living : none;
    }

    /// 0 where nothing was seen.
    std::size_t ended_children() const noexcept { return look_ ? look_->ended_children : 0; }

    void signal(const found_process& process, int signal_number) const {
        auto held = open_process(process.pid);
        if (held && is_still(process))
            (void)send_signal(*held, signal_number); // a process that is gone already is what we want
    }

    // prlimit(2) knows numbers alone. A stopped process does not end by itself, so that its number stays its
    // own.
    void freeze(const found_process& process) const {
        signal(process, SIGSTOP);
        rlimit none{0, 0};
        if (is_still(process))
            ::prlimit(process.pid, RLIMIT_NPROC, &none, nullptr);
    }

private:
    bool is_still(const found_process& process) const {
        auto facts = process_facts::of(process.pid);
        return facts && facts->start_time == process.start_time && numbers_.contains(facts->parent);
    }

    std::optional<tree_look> look_;
    std::unordered_set<pid_t> numbers_;
};

/// Takes from all the right to fork and stops them, until a pass finds no new one or `deadline` is over.
tree_picture freeze_tree(pid_t root, const std::vector<pid_t>& except,
                         std::chrono::steady_clock::time_point deadline) {
    std::unordered_set<pid_t> frozen;
    tree_picture tree{root, except};
    for (;;) {
        fault_point("tree: has found its processes");
        bool grown = false;
        for (const auto& process : tree.processes())
            if (frozen.insert(process.pid).second) {
                tree.freeze(process);
                grown = true;
            }
        if (!grown || std::chrono::steady_clock::now() >= deadline)
            return tree;
        tree = tree_picture{root, except};
    }
}

} // namespace

std::vector<pid_t> living_descendants(pid_t root) {
    std::vector<pid_t> result;
    const tree_picture tree{root};
    for (const auto& process : tree.processes())
        result.push_back(process.pid);
    return result;
}

void signal_descendants(pid_t root, int signal_number) {
    const tree_picture tree{root};
    for (const auto& process : tree.processes())
        tree.signal(process, signal_number);
}

killing_pass kill_descendants_once(pid_t root, const std::vector<pid_t>& except) {
    auto tree = freeze_tree(root, except, std::chrono::steady_clock::now() + one_pass_limit);
    for (const auto& process : tree.processes())
        tree.signal(process, SIGKILL);
    return {tree.processes(), tree.seen() && tree.ended_children() == 0};
}

std::vector<pid_t> kill_descendants(pid_t root, std::chrono::milliseconds limit,
                                    const std::vector<pid_t>& except) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::size_t ended_before = 0;
    for (;;) {
        auto tree = freeze_tree(root, except, deadline);
        if (tree.seen() && tree.processes().empty() && tree.ended_children() == ended_before)
            return {};
        ended_before = tree.ended_children();
        for (const auto& process : tree.processes())
            tree.signal(process, SIGKILL);
        if (std::chrono::steady_clock::now() >= deadline) {
            std::vector<pid_t> left;
            for (const auto& process : tree.processes())
                left.push_back(process.pid);
            return left.empty() ? std::vector<pid_t>{root} : left;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

} // namespace gestvenv
