// SPDX-License-Identifier: MIT
#include "tools/faults/harness/strike_watch.hpp"

#include <unistd.h>

#include <utility>

namespace gestvenv::faults {

strike_watch::strike_watch(pid_t launcher, std::vector<std::filesystem::path> things)
    : things_(std::move(things)) {
    const auto own = namespaces_of(::getpid())["pid"];
    if (launcher > 0)
        for (const auto& below : living_below(launcher)) {
            if (!is_keeper(below.pid))
                continue;
            processes_.push_back(below);
            auto of_the_environment = living_below(below.pid);
            processes_.insert(processes_.end(), of_the_environment.begin(), of_the_environment.end());
            auto where = namespaces_of(below.pid)["pid"];
            if (!where.empty() && where != own)
                pid_namespaces_.insert(where);
        }
}

void strike_watch::look() {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - struck_); // before looking
    if (!processes_gone_ && !living_one())
        processes_gone_ = since;
    if (!things_gone_ && !thing_there())
        things_gone_ = since;
}

std::optional<std::string> strike_watch::living_one() const {
    for (const auto& process : processes_)
        if (auto now = look_at(process.pid); now && now->start_time == process.start_time && now->lives())
            return describe(process.pid);
    if (!pid_namespaces_.empty())
        for (const auto& process : living_processes())
            if (pid_namespaces_.contains(namespaces_of(process.pid)["pid"]))
                return describe(process.pid);
    return std::nullopt;
}

std::optional<std::string> strike_watch::thing_there() const {
    std::error_code absent;
    for (const auto& thing : things_)
        if (std::filesystem::exists(std::filesystem::symlink_status(thing, absent)))
            return thing.string();
    return std::nullopt;
}

std::string strike_watch::example() const {
    if (auto process = living_one())
        return "process " + *process;
    return thing_there().value_or("nothing any more");
}

} // namespace gestvenv::faults
