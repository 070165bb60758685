// SPDX-License-Identifier: MIT
#include "tools/faults/common/fault_plan.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmath>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::faults {

namespace {

constexpr std::array<std::string_view, all_fault_kinds.size()> names{
    "none",
    "exception",
    "kill-sender",
    "kill-receiver",
    "kill-runtime",
    "kill-launcher",
    "kill-keepers",
    "kill-runtime-and-launcher",
    "kill-all",
    "clock-ahead",
    "clock-back",
    "journal-fails",
    "journal-fails-once",
    "journal-full",
    "stop-keepers-and-kill-others",
};

long futex(fault_plan& plan, int operation, std::uint32_t value, const timespec* limit) {
    // Shared between processes: not the private variant.
    return ::syscall(SYS_futex, &plan.state, operation, value, limit, nullptr, 0);
}

} // namespace

std::string_view to_string(fault_kind value) noexcept {
    return names[static_cast<std::size_t>(value)];
}

bool from_string(std::string_view text, fault_kind& value) noexcept {
    for (auto kind : all_fault_kinds)
        if (to_string(kind) == text) {
            value = kind;
            return true;
        }
    return false;
}

fault_plan* map_plan(const std::filesystem::path& file, bool make) {
    int flags = O_RDWR | O_CLOEXEC | (make ? O_CREAT | O_TRUNC : 0);
    int number = ::open(file.c_str(), flags, 0666);
    if (number < 0)
        return nullptr;
    void* memory = MAP_FAILED;
    // An ordinary user's programs write to it too, whatever the umask.
    if (!make || (::ftruncate(number, sizeof(fault_plan)) == 0 && ::fchmod(number, 0666) == 0))
        memory = ::mmap(nullptr, sizeof(fault_plan), PROT_READ | PROT_WRITE, MAP_SHARED, number, 0);
    ::close(number);
    return memory == MAP_FAILED ? nullptr : static_cast<fault_plan*>(memory);
}

void wake(fault_plan& plan) {
    futex(plan, FUTEX_WAKE, 100, nullptr);
}

void await(fault_plan& plan, fault_plan::call while_value, double seconds) {
    timespec limit{};
    limit.tv_sec = static_cast<time_t>(std::floor(seconds));
    limit.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
    futex(plan, FUTEX_WAIT, static_cast<std::uint32_t>(while_value), &limit);
}

} // namespace gestvenv::faults
