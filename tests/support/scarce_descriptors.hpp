// SPDX-License-Identifier: MIT
// This process without a free descriptor, as long as the object lives.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace gestvenv::test {

class scarce_descriptors {
public:
    /// Leaves `free` of them.
    explicit scarce_descriptors(int free = 0) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        auto lowered = before_;
        lowered.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 512);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
        for (int number = 0; (number = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
            taken_.push_back(number);
        for (; free > 0 && !taken_.empty(); --free) {
            ::close(taken_.back());
            taken_.pop_back();
        }
    }
    scarce_descriptors(const scarce_descriptors&) = delete;
    scarce_descriptors& operator=(const scarce_descriptors&) = delete;
    ~scarce_descriptors() {
        for (int number : taken_)
            ::close(number);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }

private:
    rlimit before_{};
    std::vector<int> taken_;
};

} // namespace gestvenv::test
