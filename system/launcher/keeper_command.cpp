// SPDX-License-Identifier: MIT
#include "system/launcher/keeper_command.hpp"

#include "system/launcher/clone.hpp"
#include "system/launcher/command_guard.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/posix/close_descriptors.hpp"
#include "system/storage/remove_tree.hpp"

#include <csignal>
#include <fcntl.h>
#include <linux/sched.h>
#include <unistd.h>

namespace gestvenv {

namespace {

// How long the end of a killed command waits for its last descendants, and how long a killed tree may take.
constexpr std::chrono::milliseconds kill_limit{400};
constexpr std::chrono::milliseconds tree_limit{5000};
// What is not removed by then goes with the environment.
constexpr std::chrono::seconds removal_limit{20};

[[noreturn]] void remove_place(const std::string& place) {
    close_all_but({});
    auto end = place.rfind('/');
    descriptor around{::open(place.substr(0, end).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (around)
        (void)remove_tree(around, place.substr(end + 1));
    // Goes with the last of several commands at the same time.
    ::rmdir(place.substr(0, end).c_str());
    ::_exit(0);
}

} // namespace

std::int64_t keeper_command::processes() const {
    if (group)
        return group.count() - (guarded && !ended ? 1 : 0);
    return static_cast<std::int64_t>(living_descendants(pid).size());
}

void keeper_command::kill() {
    killed = true;
    kill_at.reset();
    kill_deadline = clock::now() + kill_limit;
    if (group) {
        // Without cgroup.kill only the program itself can still be reached, and what its guard has adopted.
        if (!group.kill()) {
            if (guarded)
                kill_descendants(pid, tree_limit);
            ::kill(pid, SIGKILL);
        }
        return;
    }
    // The guard is stopped, so that it stays the parent of what is being killed.
    ::kill(pid, SIGSTOP);
    kill_descendants(pid, tree_limit);
    let_guard_wait(pid, false);
    ::kill(pid, SIGCONT);
}

void keeper_command::remove_overlays() {
    if (spec.overlays.empty())
        return;
    auto child = clone_process(CLONE_CLEAR_SIGHAND, -1, false);
    if (!child) // for want of processes or memory: it goes with the environment
        return;
    if (child->pid == 0)
        remove_place(spec.overlays.place);
    remover = child->pid;
    removal_deadline = clock::now() + removal_limit;
}

void keeper_command::ask_to_end(std::chrono::milliseconds grace) {
    if (killed)
        return;
    if (grace.count() <= 0)
        return kill();
    kill_at = clock::now() + grace;
    const auto guard = guarded ? pid : -1;
    if (!group)
        let_guard_wait(guard, true);
    // A stopped process must run to see the request.
    for (int what : {SIGTERM, SIGCONT}) {
        if (group)
            group.signal(what, guard);
        else
            signal_descendants(pid, what);
    }
}

void keeper_command::signal(const protocol::signal& order) const {
    if (ended || order.number < 0 || order.number > SIGRTMAX)
        return;
    if (guarded)
        return signal_by_guard(pid, order);
    if (order.number != 0)
        ::kill(order.target == signal_target::program ? pid : -pid, order.number);
}

bool keeper_command::waits_for_descendants(clock::time_point now) const {
    if (!group) // its guard has waited
        return false;
    return ((killed && now < kill_deadline) || (kill_at && now < *kill_at)) && group.populated();
}

} // namespace gestvenv
