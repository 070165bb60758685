// A limit around a test that uses up what it can get, so that a fault of ours costs the test and not the
// machine.
#pragma once

#include "system/limits/cgroup.hpp"

#include <cstdint>
#include <vector>

namespace gestvenv::test {

/// Puts this program, and what it starts from now on, into groups of its own: 1 GB of memory, 4,000 threads.
/// Skips the test where that cannot be had. Takes the program back out at the end.
class outer_limit {
public:
    outer_limit();
    outer_limit(const outer_limit&) = delete;
    outer_limit& operator=(const outer_limit&) = delete;
    ~outer_limit();

    /// The most threads there were at a time, this program's own ones included.
    std::int64_t most_threads() const;

private:
    struct place {
        cgroup outside;
        cgroup inside;
    };
    void leave();

    std::vector<place> places_;
};

} // namespace gestvenv::test
