// SPDX-License-Identifier: MIT
#include <gestvenv/resource_limits.hpp>

#include <algorithm>

namespace gestvenv {

count_limit bound_of_threads(const resource_limits& limits) noexcept {
    constexpr int beside_processes = 256;
    if (limits.max_threads != resource_limits{}.max_threads)
        return limits.max_threads;
    if (limits.max_processes == unlimited_count)
        return unlimited_count;
    return std::max(limits.max_threads.count, limits.max_processes.count + beside_processes);
}

} // namespace gestvenv
