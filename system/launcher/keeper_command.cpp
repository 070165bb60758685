#include "system/launcher/keeper_command.hpp"

#include "system/launcher/process_tree.hpp"

#include <csignal>

namespace gestvenv {

namespace {

// How long the end of a killed command waits for its last descendants, and how long a killed tree may take.
constexpr std::chrono::milliseconds kill_limit{400};
constexpr std::chrono::milliseconds tree_limit{5000};

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

} // namespace gestvenv
