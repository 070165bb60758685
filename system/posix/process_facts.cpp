// SPDX-License-Identifier: MIT
#include "system/posix/process_facts.hpp"

#include "system/posix/descriptor.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <fcntl.h>

namespace gestvenv {

// The name in parentheses may hold anything, so fields are counted from the last ')'.
std::optional<process_facts> process_facts::of(pid_t pid) {
    std::array<char, 48> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
    descriptor file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 1024> text{};
    if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0)
        return std::nullopt;
    const char* rest = std::strrchr(text.data(), ')');
    process_facts facts;
    // NOLINTNEXTLINE(cert-err34-c): the count of converted fields is checked
    if (rest == nullptr ||
        std::sscanf(rest + 1,
                    " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld "
                    "%*d %llu",
                    &facts.state, &facts.parent, &facts.threads, &facts.start_time) != 4)
        return std::nullopt;
    return facts;
}

std::optional<std::uint64_t> start_time_of(pid_t pid) {
    auto facts = process_facts::of(pid);
    return facts ? std::optional<std::uint64_t>{facts->start_time} : std::nullopt;
}

std::string what_holds(pid_t pid) {
    auto facts = process_facts::of(pid);
    if (!facts || !facts->alive())
        return {};
    descriptor file{::open(("/proc/" + std::to_string(pid) + "/wchan").c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 64> place{};
    auto length = file ? ::read(file.get(), place.data(), place.size()) : -1;
    auto waits =
        length > 1 ? ", in " + std::string{place.data(), static_cast<std::size_t>(length)} : std::string{};
    return std::string{" (state "} + facts->state + waits + ")";
}

} // namespace gestvenv
