// SPDX-License-Identifier: MIT
// The limits of setrlimit(2) by the names of prlimit(1).
#pragma once

#include <sys/resource.h>

#include <array>
#include <optional>
#include <string_view>

namespace gestvenv {

struct named_limit {
    std::string_view name;
    __rlimit_resource_t resource;
};

inline constexpr std::array named_limits{
    named_limit{"as", RLIMIT_AS},
    named_limit{"core", RLIMIT_CORE},
    named_limit{"cpu", RLIMIT_CPU},
    named_limit{"data", RLIMIT_DATA},
    named_limit{"fsize", RLIMIT_FSIZE},
    named_limit{"locks", RLIMIT_LOCKS},
    named_limit{"memlock", RLIMIT_MEMLOCK},
    named_limit{"msgqueue", RLIMIT_MSGQUEUE},
    named_limit{"nice", RLIMIT_NICE},
    named_limit{"nofile", RLIMIT_NOFILE},
    named_limit{"nproc", RLIMIT_NPROC},
    named_limit{"rss", RLIMIT_RSS},
    named_limit{"rtprio", RLIMIT_RTPRIO},
    named_limit{"rttime", RLIMIT_RTTIME},
    named_limit{"sigpending", RLIMIT_SIGPENDING},
    named_limit{"stack", RLIMIT_STACK},
};

constexpr std::optional<__rlimit_resource_t> limit_named(std::string_view name) noexcept {
    for (const auto& known : named_limits)
        if (known.name == name)
            return known.resource;
    return std::nullopt;
}

} // namespace gestvenv
