// SPDX-License-Identifier: MIT
// Every core has something else to do, so that two programs which race meet in every order.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace gestvenv::faults {

/// As long as it lives, one thread per core spins. They are threads of the process, not children: whatever
/// ends it ends them, and no check takes them for something that is left.
class busy_cores {
public:
    busy_cores() {
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
            threads_.emplace_back([this] {
                while (!over_.load(std::memory_order_relaxed)) {
                }
            });
    }
    busy_cores(const busy_cores&) = delete;
    busy_cores& operator=(const busy_cores&) = delete;
    ~busy_cores() {
        over_ = true;
        for (auto& thread : threads_)
            thread.join();
    }

private:
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

} // namespace gestvenv::faults
