// SPDX-License-Identifier: MIT
#include "tools/faults/harness/steps.hpp"

#include <array>
#include <string_view>

namespace gestvenv::faults {

namespace {

struct plain_step {
    std::string_view name;
    std::uint32_t times;
};

constexpr std::array plain_steps{
    plain_step{"runtime: has a launcher", 1},
    plain_step{"runtime: has a state folder", 1},
    plain_step{"runtime: has closed its journal", 1},
    plain_step{"runtime: has ended its launcher", 1},
    plain_step{"runtime: has its actors", 1},
    plain_step{"runtime: is about to end its environments", 1},
    plain_step{"runtime: is about to end its launcher", 1},
    plain_step{"runtime: is about to stop its actors", 1},
    plain_step{"state folder: is about to be kept", 1},
    plain_step{"state folder: is about to be removed", 2},
    plain_step{"state folder: is empty but for its lock", 2},
    plain_step{"state folder: is kept", 1},
    plain_step{"state folder: is made, without a lock", 1},
    plain_step{"state folder: is taken over", 1},
    plain_step{"state folder: is without its lock", 2},
    plain_step{"journal: has been made", 1},
    plain_step{"journal: has crossed out", 2},
    plain_step{"journal: has written an intent", 4},
    plain_step{"journal: is about to amend an intent", 2},
    plain_step{"journal: is about to be made", 1},
    plain_step{"journal: is about to be opened", 2},
    plain_step{"journal: is about to cross out", 2},
    plain_step{"journal: is about to note an end", 2},
    plain_step{"journal: is about to note an environment", 2},
    plain_step{"journal: is about to say whether it may go", 2},
    plain_step{"journal: is about to tell what is unfinished", 2},
    plain_step{"journal: is about to write an intent", 4},
    plain_step{"journal: is open", 2},
    plain_step{"journal: is about to be kept up", 1},
    plain_step{"archive: is about to be written", 1},
    plain_step{"launcher: everything is undone", 1},
    plain_step{"launcher: has begun to undo by path", 2},
    plain_step{"launcher: has cloned a keeper", 2},
    plain_step{"launcher: has ended an environment", 2},
    plain_step{"launcher: has made a storage", 2},
    plain_step{"launcher: has made a storage folder", 2},
    plain_step{"launcher: has made an environment's groups", 2},
    plain_step{"launcher: has marked a storage folder", 2},
    plain_step{"launcher: has started a keeper", 2},
    plain_step{"launcher: has undone by path", 2},
    plain_step{"launcher: is about to answer for a storage", 2},
    plain_step{"launcher: is about to empty the groups", 2},
    plain_step{"launcher: is about to end an environment", 2},
    plain_step{"launcher: is about to fill a storage", 2},
    plain_step{"launcher: is about to kill a keeper", 2},
    plain_step{"launcher: is about to make a storage", 2},
    plain_step{"launcher: is about to remove a storage", 2},
    plain_step{"launcher: is about to try a group", 4},
    plain_step{"launcher: has made a group to try", 4},
    plain_step{"launcher: is about to say that it is ready", 1},
    plain_step{"launcher: is about to start a keeper", 2},
    plain_step{"launcher: is about to undo everything", 1},
    plain_step{"launcher: starts", 1},
    plain_step{"group: the kernel has killed it", 4},
    plain_step{"keeper: a command has ended", 2},
    plain_step{"keeper: has its namespaces", 2},
    plain_step{"keeper: has started a command", 2},
    plain_step{"keeper: is about to ask all to end", 2},
    plain_step{"keeper: is about to start a command", 2},
    plain_step{"keeper: is born", 2},
    plain_step{"keeper: is tied to the launcher", 2},
    plain_step{"keeper: the last process is gone", 2},
    plain_step{"keeper: the launcher is gone", 1},
    plain_step{"helper: begins", 3},
    plain_step{"helper: has emptied a folder", 2},
    plain_step{"helper: is about to remove a folder", 2},
    plain_step{"helper: is about to report", 3},
    plain_step{"helper: is about to undo a folder", 2},
    plain_step{"helper: is about to undo a group", 2},
    plain_step{"helper: is about to undo a keeper", 1},
    plain_step{"removal: has found a folder", 20},
    plain_step{"removal: may not open a folder", 1},
    plain_step{"tree: has a list of all processes", 6},
    plain_step{"tree: has found its processes", 4},
    plain_step{"continuation: has been run", 18},
    plain_step{"continuation: is about to be run", 18},
    plain_step{"recovery: has finished an environment", 2},
    plain_step{"recovery: has found a state folder", 1},
    plain_step{"recovery: is about to finish an environment", 2},
    plain_step{"recovery: is about to remove a state folder", 1},
    plain_step{"recovery: has found an orphaned folder", 1},
    plain_step{"recovery: has found an orphaned group", 1},
};

struct sent_message {
    std::string_view name;
    std::uint32_t times;
    bool has_sender;
};

constexpr std::array messages{
    sent_message{"acquire_atom", 2, true},    sent_message{"child_down_atom", 7, false},
    sent_message{"continuation", 18, false},  sent_message{"crash_atom", 1, false},
    sent_message{"create_atom", 4, true},     sent_message{"destroy_atom", 2, true},
    sent_message{"execute_atom", 4, true},    sent_message{"find_atom", 1, true},
    sent_message{"forget_atom", 8, false},    sent_message{"give_up_atom", 1, false},
    sent_message{"install_atom", 2, true},    sent_message{"intend_atom", 2, false},
    sent_message{"keeper_atom", 2, true},     sent_message{"launcher_lost_atom", 1, false},
    sent_message{"note_atom", 2, false},      sent_message{"resolve_atom", 1, true},
    sent_message{"restarted_atom", 1, false}, sent_message{"schedule_atom", 6, false},
    sent_message{"shutdown_atom", 4, true},   sent_message{"stop_atom", 2, false},
    sent_message{"sweep_atom", 1, false},     sent_message{"tear_down_atom", 2, true},
    sent_message{"tick_atom", 1, false},      sent_message{"torn_down_atom", 1, false},
    sent_message{"usage_atom", 2, true},      sent_message{"watch_atom", 2, false},
};

} // namespace

const std::vector<step>& all_steps() {
    static const auto steps = [] {
        std::vector<step> result;
        for (const auto& item : plain_steps)
            result.push_back({std::string{item.name}, item.times});
        for (const auto& item : messages)
            for (const char* when : {" is about to be sent", " has been sent"})
                result.push_back(
                    {"message: gestvenv::" + std::string{item.name} + when, item.times, item.has_sender});
        return result;
    }();
    return steps;
}

} // namespace gestvenv::faults
