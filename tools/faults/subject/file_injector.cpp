// SPDX-License-Identifier: MIT
// Stands in for the C library's calls on files (the libraries this program loads use them too): those on
// files of the state folder fail where the plan says so. In the program under test alone; its launcher has no
// journal.
#include "tools/faults/common/fault_plan.hpp"
#include "tools/faults/injector/injector.hpp"

#include <sys/syscall.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <unistd.h>

namespace {

using gestvenv::faults::fault_plan;

bool is_of_the_state_folder(int file) {
    std::array<char, 64> link{};
    std::array<char, 4096> path{};
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
    auto length = ::readlink(link.data(), path.data(), path.size());
    return length > 0 && std::string_view{path.data(), static_cast<std::size_t>(length)}.find(
                             "/work/state/") != std::string_view::npos;
}

bool fails(int file, bool writes) {
    auto* plan = gestvenv::faults::the_plan();
    if (plan == nullptr)
        return false;
    int error = plan->file_error.load();
    if (error == 0 || (plan->only_writes_fail && !writes) || !is_of_the_state_folder(file) ||
        plan->file_errors_left.fetch_sub(1) <= 0)
        return false;
    errno = error;
    return true;
}

} // namespace

// Each as its manual page has it.
extern "C" {

ssize_t read(int file, void* buffer, size_t size) {
    return fails(file, false) ? -1 : ::syscall(SYS_read, file, buffer, size);
}

ssize_t write(int file, const void* buffer, size_t size) {
    return fails(file, true) ? -1 : ::syscall(SYS_write, file, buffer, size);
}

ssize_t pread64(int file, void* buffer, size_t size, off64_t offset) {
    return fails(file, false) ? -1 : ::syscall(SYS_pread64, file, buffer, size, offset);
}

ssize_t pwrite64(int file, const void* buffer, size_t size, off64_t offset) {
    return fails(file, true) ? -1 : ::syscall(SYS_pwrite64, file, buffer, size, offset);
}

int ftruncate64(int file, off64_t size) noexcept {
    return fails(file, true) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

int fdatasync(int file) {
    return fails(file, true) ? -1 : static_cast<int>(::syscall(SYS_fdatasync, file));
}

int fsync(int file) {
    return fails(file, true) ? -1 : static_cast<int>(::syscall(SYS_fsync, file));
}
}
