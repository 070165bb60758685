#include "system/launcher/keeper_command.hpp"

#include "system/launcher/clone.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/process/close_descriptors.hpp"
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
    return group ? group.count() : static_cast<std::int64_t>(living_descendants(pid).size());
}

void keeper_command::kill() {
    killed = true;
    kill_deadline = clock::now() + kill_limit;
    if (group) {
        // Without cgroup.kill only the program itself can still be reached.
        if (!group.kill())
            ::kill(pid, SIGKILL);
        return;
    }
    // The guard is stopped, so that it stays the parent of what is being killed.
    ::kill(pid, SIGSTOP);
    kill_descendants(pid, tree_limit);
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

} // namespace gestvenv
