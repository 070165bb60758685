#include "tests/support/outer_limit.hpp"

#include "system/limits/cgroup_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace gestvenv::test {

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
        const char* file;
        const char* value;
    };
    for (const auto& item :
         {wish{"memory", "memory.limit_in_bytes", "1073741824"}, {"pids", "pids.max", "4000"}}) {
        auto tree = cgroup_tree::find_version_one(item.controller);
        if (!tree)
            return tree.error().message;
        auto inside = tree->make("gestvenv-outer-" + std::to_string(::getpid()));
        if (!inside)
            return inside.error().message;
        auto own = tree->parent();
        auto outside = cgroup::open_made(own.substr(0, own.rfind('/')));
        if (!outside)
            return outside.error().message;
        places_.push_back({std::move(*outside), std::move(*inside)});
        for (auto done : {places_.back().inside.write(item.file, item.value), places_.back().inside.join()})
            if (!done)
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
        for (int attempt = 0; attempt < 2000 && !item.inside.remove(); ++attempt)
            ::poll(nullptr, 0, 1);
        auto parent = item.inside.path();
        ::rmdir(parent.substr(0, parent.rfind('/')).c_str());
    }
    places_.clear();
    if (processes_)
        ::setrlimit(RLIMIT_NPROC, &*processes_);
}

std::optional<std::int64_t> outer_limit::most_threads() const {
    auto peak = places_.empty() ? std::string{} : places_.back().inside.read("pids.peak");
    if (peak.empty())
        return std::nullopt;
    return std::atoll(peak.c_str());
}

} // namespace gestvenv::test
