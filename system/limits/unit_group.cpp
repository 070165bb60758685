// SPDX-License-Identifier: MIT
#include "system/limits/unit_group.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr int most_rounds = 100;

std::string first_word_of(const std::string& file) {
    std::string word;
    std::ifstream{file} >> word;
    return word;
}

bool is_set(const std::string& file) {
    auto word = first_word_of(file);
    return !word.empty() && word != "max";
}

std::int64_t number_in(const std::string& file) {
    std::int64_t value = 0;
    auto word = first_word_of(file);
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
}

// systemd-system.conf(5), DefaultTasksMax=: 15 % of what the kernel allows.
bool bounds_tasks(const std::string& folder) {
    auto file = folder + "/pids.max";
    auto all = std::min(number_in("/proc/sys/kernel/pid_max"), number_in("/proc/sys/kernel/threads-max"));
    return is_set(file) && number_in(file) < all / 100 * 15;
}

bool says_one(const std::string& folder, const char* attribute) {
    std::array<char, 8> value{};
    return ::getxattr(folder.c_str(), attribute, value.data(), value.size()) == 1 && value[0] == '1';
}

bool write_all(const descriptor& file, const std::string& text) {
    return file && ::write(file.get(), text.data(), text.size()) >= 0;
}

// False with EBUSY when there are processes again.
bool pass_on(const std::string& folder, const std::vector<std::string>& controllers) {
    descriptor file{::open((folder + "/cgroup.subtree_control").c_str(), O_WRONLY | O_CLOEXEC)};
    std::string all;
    for (const auto& controller : controllers)
        all += (all.empty() ? "+" : " +") + controller;
    if (write_all(file, all) || errno == EBUSY)
        return file && errno != EBUSY;
    // One that is not to be had refuses the others with it.
    bool any = false;
    for (const auto& controller : controllers)
        any |= write_all(file, "+" + controller);
    return any;
}

// False when one cannot be moved. One that ends meanwhile has moved as well.
bool move_processes(const std::string& from, const std::string& into) {
    std::ifstream list{from + "/cgroup.procs"};
    descriptor file{::open((into + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC)};
    for (std::string pid; file && list >> pid;)
        if (::write(file.get(), pid.data(), pid.size()) < 0 && errno != ESRCH)
            return false;
    return static_cast<bool>(file);
}

} // namespace

bool must_stay_in(const std::string& folder) {
    return folder.ends_with(".service") || is_set(folder + "/memory.max") ||
           is_set(folder + "/memory.high") || is_set(folder + "/cpu.max") || bounds_tasks(folder);
}

bool is_delegated(const std::string& folder) {
    // The first is for root alone to read, the second is newer (systemd 251).
    return says_one(folder, "trusted.delegate") || says_one(folder, "user.delegate");
}

bool is_unit(std::string_view folder) {
    return folder.ends_with(".service") || folder.ends_with(".scope") || folder.ends_with(".slice");
}

bool open_delegated(const std::string& folder, const std::vector<std::string>& controllers) {
    if (controllers.empty())
        return false;
    auto inner = folder + "/gestvenv-program";
    // Bounded: what is being moved may start others.
    for (int round = 0; round < most_rounds; ++round) {
        // First of all: cpu and pids can be passed on beside processes too, and then the groups below take
        // threads alone (cgroup-v2.rst, "Threads").
        if (!first_word_of(folder + "/cgroup.procs").empty()) {
            if ((::mkdir(inner.c_str(), 0755) < 0 && errno != EEXIST) || !move_processes(folder, inner))
                return false;
            continue;
        }
        errno = 0;
        if (pass_on(folder, controllers))
            return true;
        if (errno != EBUSY)
            return false;
    }
    return false;
}

} // namespace gestvenv
