// SPDX-License-Identifier: MIT
// How many processes an environment has, and what happens to those that are too many.
#include "system/launcher/keeper_process.hpp"

#include "system/launcher/process_tree.hpp"
#include "system/launcher/system_v_segments.hpp"

#include <algorithm>
#include <unistd.h>

namespace gestvenv {

namespace {

// How often the processes of an environment are counted while there are any.
constexpr std::chrono::milliseconds count_interval{200};

} // namespace

void keeper_process::begin_counting() {
    if (counting_)
        return;
    counting_ = true;
    next_count_ = clock::now() + pause();
    next_processes_ = clock::now() + count_interval;
}

keeper_process::clock::duration keeper_process::pause() const {
    return watch_.wants_looks() ? std::min(watch_.look_interval(), count_interval) : count_interval;
}

// What a process has made is known as the environment's by the number of its process alone.
bool keeper_process::knows_by_number() const noexcept {
    return setup_.in_force != containment::pid_namespace;
}

void keeper_process::note_processes(const std::vector<pid_t>& all) {
    for (auto pid : all)
        setup_.page->note(pid);
}

void keeper_process::look() {
    const auto now = clock::now();
    next_count_ = now + pause();
    watch_.look();
    if (now < next_processes_)
        return;
    next_processes_ = now + count_interval;
    if (setup_.limits.processes > 0 || knows_by_number())
        count_processes();
    else
        counting_ = !commands_.empty();
}

// The kernel bounds threads, not processes; so the command that has most of too many is killed.
void keeper_process::count_processes() {
    if (knows_by_number())
        note_processes(setup_.group != nullptr ? setup_.group->processes() : living_descendants(::getpid()));
    auto all = setup_.group != nullptr ? setup_.group->count() - 1
                                       : static_cast<std::int64_t>(living_descendants(::getpid()).size());
    all -= std::count_if(commands_.begin(), commands_.end(),
                         [](const command& item) { return item.guarded && item.number != 0 && !item.ended; });
    counting_ = all > 0 || !commands_.empty();
    if (setup_.limits.processes == 0 || all <= setup_.limits.processes)
        return;
    command* largest = nullptr;
    std::int64_t most = 0;
    auto left_behind = all;
    for (auto& item : commands_) {
        auto its = item.processes();
        left_behind -= its;
        if (its > most) {
            most = its;
            largest = &item;
        }
    }
    if (left_behind > most)
        return kill_left_behind();
    if (largest == nullptr)
        return;
    largest->result.too_many_processes = true;
    largest->result.limits_reached.push_back(
        {"max_processes", all, setup_.limits.processes, "processes", true});
    largest->kill();
}

// What ended commands have left running, nothing waits for.
void keeper_process::kill_left_behind() {
    if (setup_.group == nullptr)
        return kill_unguarded();
    for (auto& group : lingering_)
        (void)group.kill(); // tried again at the next count
}

// Whose they were cannot be told: what ended commands left running, and all of a command that has killed
// its guard, and would so be out of reach of its timeout.
void keeper_process::kill_unguarded() {
    std::vector<pid_t> guards;
    for (auto& item : commands_)
        guards.push_back(item.pid);
    kill_descendants(::getpid(), tree_limit, guards);
}

// For the receipt: they go with the namespace.
void keeper_process::count_segments() {
    if (setup_.own_ipc)
        setup_.page->segments.store(segments_in_this_namespace());
}

} // namespace gestvenv
