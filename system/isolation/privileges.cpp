// SPDX-License-Identifier: MIT
#include "system/isolation/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::uint64_t bit(unsigned capability) {
    return std::uint64_t{1} << capability;
}

constexpr std::uint64_t kept_by_root = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) |
                                       bit(CAP_FSETID) | bit(CAP_KILL) | bit(CAP_SETGID) | bit(CAP_SETUID) |
                                       bit(CAP_NET_BIND_SERVICE);

std::uint64_t bounding_set() noexcept {
    std::uint64_t set = 0;
    for (unsigned capability = 0; capability < 64; ++capability) {
        int there = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (there < 0) // above the last one that this kernel knows
            break;
        if (there > 0)
            set |= bit(capability);
    }
    return set;
}

} // namespace

std::uint64_t capabilities_of_restricted_root() noexcept {
    return kept_by_root;
}

std::uint64_t capabilities_to_drop() noexcept {
    static const std::uint64_t found = bounding_set() & ~(::geteuid() == 0 ? kept_by_root : 0);
    return found;
}

int give_up_privileges(std::uint64_t to_drop) noexcept {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return errno;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> own{};
    if (::syscall(SYS_capget, &header, own.data()) < 0)
        return errno;
    // The bounding set is what a program's look at itself shows. Without CAP_SETPCAP it stays as it is, and
    // nothing is lost: with no new privileges execve gives no more than is permitted below.
    if ((own[0].effective & bit(CAP_SETPCAP)) != 0)
        for (unsigned capability = 0; to_drop >> capability != 0; ++capability) {
            if ((to_drop & bit(capability)) != 0 && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
                return errno;
            if (capability == 63)
                break;
        }
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return errno;
    // execve gives root all that is both permitted now and in the bounding set; an ordinary user gets nothing
    // (capabilities(7)). What is inheritable would survive it.
    const std::uint64_t kept = ::geteuid() == 0 ? kept_by_root : 0;
    for (unsigned half = 0; half < own.size(); ++half) {
        own.at(half).permitted &= static_cast<std::uint32_t>(kept >> (32 * half));
        own.at(half).effective = own.at(half).permitted;
        own.at(half).inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, own.data()) < 0)
        return errno;
    return 0;
}

} // namespace gestvenv
