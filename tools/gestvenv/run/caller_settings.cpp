// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/caller_settings.hpp"

#include "system/posix/file_size_limit.hpp"
#include "system/posix/process_limits.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

static_assert(RLIM_INFINITY == UINT64_MAX);

std::map<std::string, process_limit> limits_of_caller() {
    std::map<std::string, process_limit> result;
    for (const auto& [name, resource] : named_limits) {
        rlimit limit{};
        if (::getrlimit(resource, &limit) == 0)
            result[std::string{name}] = {limit.rlim_cur, limit.rlim_max};
    }
    // This program has lifted its own.
    if (auto limit = file_size_limit_to_pass_on())
        result["fsize"] = {limit->rlim_cur, limit->rlim_max};
    return result;
}

std::vector<int> processors_of_caller() {
    constexpr std::size_t bits = 8 * sizeof(unsigned long);
    std::array<unsigned long, 8192 / bits> set{};
    const auto bytes = ::syscall(SYS_sched_getaffinity, 0, sizeof set, set.data());
    std::vector<int> result;
    for (std::size_t number = 0; bytes > 0 && number < 8 * static_cast<std::size_t>(bytes); ++number)
        if ((set.at(number / bits) >> (number % bits) & 1) != 0)
            result.push_back(static_cast<int>(number));
    return result;
}

} // namespace

process_settings settings_of_caller() {
    process_settings result;
    result.limits = limits_of_caller();
    errno = 0;
    if (const int nice = ::getpriority(PRIO_PROCESS, 0); nice != -1 || errno == 0)
        result.nice = nice;
    result.processors = processors_of_caller();
    return result;
}

} // namespace gestvenv::cli
