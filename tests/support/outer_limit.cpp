// SPDX-License-Identifier: MIT
#include "tests/support/outer_limit.hpp"

#include "system/limits/cgroup_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace gestvenv::test {

namespace {

std::string above(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

// In the tree of version 2, where that is mounted as usual.
std::string own_group() {
    std::string group;
    std::ifstream table{"/proc/self/cgroup"};
    for (std::string line; std::getline(table, line);)
        if (line.starts_with("0::"))
            group = line.substr(3);
    return "/sys/fs/cgroup" + group;
}

} // namespace

outer_limit::outer_limit(need what) {
    auto problem = enter();
    if (problem.empty())
        return;
    leave();
    // Root's processes are not counted against a user's limit.
    if (what != need::threads || ::geteuid() == 0)
        SKIP("there is nothing to put a limit around the test with: " + problem);
    rlimit now{};
    REQUIRE(::getrlimit(RLIMIT_NPROC, &now) == 0);
    processes_ = now;
    now.rlim_cur = std::min<rlim_t>(now.rlim_cur, 1500);
    REQUIRE(::setrlimit(RLIMIT_NPROC, &now) == 0);
}

// Why there is none; empty for success.
std::string outer_limit::enter() {
    struct wish {
        const char* controller;
        const char* version_one;
        const char* version_two;
        const char* value;
    };
    auto name = "gestvenv-outer-" + std::to_string(::getpid());
    auto two = cgroup_tree::find();
    for (const auto& item : {wish{"memory", "memory.limit_in_bytes", "memory.max", "1073741824"},
                             {"pids", "pids.max", "pids.max", "4000"}}) {
        bool in_two = two && two->has(item.controller);
        if (in_two && !places_.empty()) { // one group for both
            if (auto done = places_.back().limited.write(item.version_two, item.value); !done)
                return done.error().message;
            continue;
        }
        auto tree = in_two ? two : cgroup_tree::find_version_one(item.controller);
        if (!tree)
            return tree.error().message;
        auto outside = cgroup::open_made(in_two ? own_group() : above(tree->parent()));
        if (!outside)
            return outside.error().message;
        auto limited = tree->make(name);
        if (!limited)
            return limited.error().message;
        auto path = limited->path();
        places_.push_back({std::move(*outside), std::move(*limited), {}});
        auto& made = places_.back();
        if (auto done = made.limited.write(in_two ? item.version_two : item.version_one, item.value); !done)
            return done.error().message;
        // In version 2 the groups of what is tested are made below the limit, beside this program's.
        if (in_two)
            if (auto done = made.limited.write("cgroup.subtree_control", "+memory +cpu +pids"); !done)
                return done.error().message;
        auto inside = in_two ? made.limited.make("tests") : cgroup::open_made(path);
        if (!inside)
            return inside.error().message;
        made.inside = std::move(*inside);
        if (auto done = made.inside->join(); !done)
            return done.error().message;
    }
    return {};
}

outer_limit::~outer_limit() {
    leave();
}

void outer_limit::leave() {
    for (auto& item : places_) {
        (void)item.outside.join();
        // Launchers that end by themselves may still be in it.
        for (int attempt = 0; attempt < 2000 && !item.limited.remove(); ++attempt)
            ::poll(nullptr, 0, 1);
        ::rmdir(above(item.limited.path()).c_str());
    }
    places_.clear();
    if (processes_)
        ::setrlimit(RLIMIT_NPROC, &*processes_);
}

std::optional<std::int64_t> outer_limit::most_threads() const {
    auto peak = places_.empty() ? std::string{} : places_.back().limited.read("pids.peak");
    if (peak.empty())
        return std::nullopt;
    return std::atoll(peak.c_str());
}

} // namespace gestvenv::test
