// SPDX-License-Identifier: MIT
#include "system/posix/close_descriptors.hpp"

#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

// A child that shares our memory runs this: no sanitizer may keep account of it.
#if defined(__clang__)
#define GESTVENV_BARE __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define GESTVENV_BARE __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

namespace gestvenv {

namespace {

enum class way : unsigned { now = 0, on_execute = CLOSE_RANGE_CLOEXEC };

// Without /proc there is no list; more than these are not open in any program we know.
constexpr unsigned most_tried = 1u << 20;

// getdents64(2); the C library has no declaration of what it fills in.
struct directory_entry {
    unsigned long long inode;
    long long offset;
    unsigned short length;
    unsigned char type;
    char name[1]; // NOLINT(modernize-avoid-c-arrays): goes on to `length`
};

GESTVENV_BARE void close_one(unsigned number, way how) noexcept {
    if (how == way::now)
        ::syscall(SYS_close, number);
    else
        ::syscall(SYS_fcntl, number, F_SETFD, FD_CLOEXEC);
}

// The list goes by number, so that closing what has been read changes nothing in what comes.
GESTVENV_BARE bool close_listed(unsigned first, unsigned last, way how) noexcept {
    auto folder = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    alignas(directory_entry) char buffer[2048]; // NOLINT(modernize-avoid-c-arrays): bare memory
    long got = 0;
    while ((got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < got;) {
            const auto* entry = reinterpret_cast<const directory_entry*>(buffer + at);
            at += entry->length;
            unsigned number = 0;
            const char* letter = entry->name;
            for (; *letter >= '0' && *letter <= '9'; ++letter)
                number = number * 10 + static_cast<unsigned>(*letter - '0');
            if (*letter == '\0' && number >= first && number <= last &&
                number != static_cast<unsigned>(folder))
                close_one(number, how);
        }
    }
    ::syscall(SYS_close, folder);
    return got == 0;
}

GESTVENV_BARE void close_by(unsigned first, unsigned last, way how) noexcept {
    if (first > last || ::syscall(SYS_close_range, first, last, static_cast<unsigned>(how)) == 0 ||
        close_listed(first, last, how))
        return;
    rlimit limit{most_tried, most_tried};
    ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit);
    auto end = limit.rlim_max < most_tried ? static_cast<unsigned>(limit.rlim_max) : most_tried;
    for (unsigned number = first; number < end && number <= last; ++number)
        close_one(number, how);
}

} // namespace

GESTVENV_BARE void close_descriptors(unsigned first, unsigned last) noexcept {
    close_by(first, last, way::now);
}

void close_descriptors_on_execute(unsigned first, unsigned last) noexcept {
    close_by(first, last, way::on_execute);
}

void close_all_but(std::vector<int> kept) {
    std::sort(kept.begin(), kept.end());
    unsigned next = 0;
    for (int number : kept) {
        auto current = static_cast<unsigned>(number);
        if (current > next)
            close_descriptors(next, current - 1);
        next = current + 1;
    }
    close_descriptors(next);
}

} // namespace gestvenv
