// SPDX-License-Identifier: MIT
#include <gestvenv/limit_reached.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace gestvenv {

namespace {

struct wording {
    std::string_view limit;
    std::string_view ended;
    std::string_view refused;
    std::string_view remedy;
};

constexpr std::array wordings{
    wording{"max_memory", "a process of the command was ended for want of memory", "memory was short",
            "allow it more: --max-memory (max_memory); files in a storage in RAM count in both numbers, "
            "--storage disk keeps them out"},
    wording{"max_processes", "the command was ended because there were too many processes",
            "there were too many processes", "allow it more: --max-processes (max_processes)"},
    wording{"max_threads", "the command was ended because there were too many threads",
            "a thread or process could not be started",
            "allow it more: --max-threads (max_threads); processes count "
            "as threads"},
    wording{"max_disk", "the storage of the environment is full", "the storage of the environment is full",
            "allow it more: --max-disk (max_disk), or keep it on a disk: --storage disk (storage_backend)"},
    wording{"shm", "/dev/shm is full", "/dev/shm is full",
            "it is as large as the machine's: mount -o remount,size=... /dev/shm there"},
    wording{"memory_above",
            "a process of the command was ended for want of memory, by a limit around the whole program",
            "memory was short, by a limit around the whole program",
            "raise the limit of memory of the container, service or job that runs this; --max-memory sets a "
            "smaller one for the environment alone"},
    wording{"RLIMIT_FSIZE", "the command was ended because a file became too large",
            "a file became too large", "the calling shell or service set it: ulimit -f unlimited"},
    wording{"RLIMIT_CPU", "the command was ended because it used too much processor time",
            "too much processor time was used", "the calling shell or service set it: ulimit -t unlimited"},
};

const wording* find(const std::string& limit) {
    const auto* found = std::find_if(wordings.begin(), wordings.end(),
                                     [&limit](const wording& item) { return item.limit == limit; });
    return found == wordings.end() ? nullptr : found;
}

std::string amount(std::int64_t number, const std::string& unit) {
    constexpr std::int64_t megabyte = 1 << 20;
    if (unit == "bytes" && number >= megabyte)
        return number % megabyte == 0
                   ? fmt::format("{} MB", number / megabyte)
                   : fmt::format("{:.1f} MB", static_cast<double>(number) / static_cast<double>(megabyte));
    return fmt::format("{} {}", number, unit);
}

} // namespace

std::string description_of(const limit_reached& what) {
    const auto* words = find(what.limit);
    auto text =
        words == nullptr ? "a limit was reached" : std::string{what.ended ? words->ended : words->refused};
    text += " (" + what.limit + ")";
    if (what.measured >= 0 && what.allowed >= 0)
        return text + ": " + amount(what.measured, what.unit) + ", and " + amount(what.allowed, what.unit) +
               " are allowed";
    if (what.allowed >= 0)
        return text + ": " + amount(what.allowed, what.unit) + " are allowed";
    return text;
}

std::string remedy_for(const limit_reached& what) {
    const auto* words = find(what.limit);
    return words == nullptr ? std::string{} : std::string{words->remedy};
}

} // namespace gestvenv
