// SPDX-License-Identifier: MIT
#include "system/journal/boot.hpp"

#include <ctime>
#include <fstream>

namespace gestvenv {

const std::string& boot_id() {
    static const std::string id = [] {
        std::string text;
        std::ifstream file{"/proc/sys/kernel/random/boot_id"};
        std::getline(file, text);
        return text;
    }();
    return id;
}

std::chrono::microseconds time_since_boot() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now); // cannot fail: a valid clock and a valid address
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::seconds{now.tv_sec} +
                                                                 std::chrono::nanoseconds{now.tv_nsec});
}

} // namespace gestvenv
