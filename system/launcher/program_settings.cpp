// SPDX-License-Identifier: MIT
#include "system/launcher/program_settings.hpp"

#include "system/posix/process_limits.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <unistd.h>

namespace gestvenv {

program_settings::program_settings(const std::optional<process_settings>& wanted) {
    if (!wanted)
        return;
    nice_ = wanted->nice;
    for (const auto& [name, limit] : wanted->limits)
        if (auto resource = limit_named(name))
            limits_.emplace_back(*resource, rlimit{limit.soft, limit.hard});
    for (int number : wanted->processors) {
        const auto place = static_cast<std::size_t>(number);
        if (number < 0 || place / bits >= processors_.size())
            continue;
        processors_[place / bits] |= 1UL << (place % bits);
        has_processors_ = true;
    }
}

void program_settings::apply() const noexcept {
    if (has_processors_)
        (void)::syscall(SYS_sched_setaffinity, 0, sizeof processors_, processors_.data());
    if (nice_)
        (void)::setpriority(PRIO_PROCESS, 0, *nice_);
    for (const auto& [resource, limit] : limits_) {
        rlimit present{};
        if (::setrlimit(resource, &limit) == 0 || ::getrlimit(resource, &present) != 0)
            continue;
        const rlimit allowed{std::min(limit.rlim_cur, present.rlim_max),
                             std::min(limit.rlim_max, present.rlim_max)};
        (void)::setrlimit(resource, &allowed);
    }
}

} // namespace gestvenv
