#include "tests/support/outer_limit.hpp"

#include "system/limits/cgroup_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace gestvenv::test {

outer_limit::outer_limit() {
    struct wish {
        const char* controller;
        const char* file;
        const char* value;
    };
    for (const auto& item :
         {wish{"memory", "memory.limit_in_bytes", "1073741824"}, {"pids", "pids.max", "4000"}}) {
        auto tree = cgroup_tree::find_version_one(item.controller);
        auto inside = tree ? tree->make("gestvenv-outer-" + std::to_string(::getpid()))
                           : outcome<cgroup>{failure(tree.error())};
        if (!inside) {
            leave();
            SKIP("there is nothing to put a limit around the test with: " + inside.error().message);
        }
        auto own = tree->parent();
        auto outside = cgroup::open_made(own.substr(0, own.rfind('/')));
        REQUIRE(outside);
        places_.push_back({std::move(*outside), std::move(*inside)});
        REQUIRE(places_.back().inside.write(item.file, item.value));
        REQUIRE(places_.back().inside.join());
    }
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
}

std::int64_t outer_limit::most_threads() const {
    return std::atoll(places_.back().inside.read("pids.peak").c_str());
}

} // namespace gestvenv::test
