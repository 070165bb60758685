// SPDX-License-Identifier: MIT
#include "system/trial_record.hpp"

#include "system/posix/descriptor.hpp"
#include "system/version.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::size_t most_situations = 16;
constexpr off_t largest_file = 64 << 10;

// A line of the file: KEY, and NAME=LEARNT for each trial, with tabs between; or `in`, a tab and a place.
constexpr char separator = '\t';
constexpr std::string_view place_mark = "in\t";

std::string text_of(const char* path) {
    descriptor file{::open(path, O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> text{};
    auto length = file ? ::read(file.get(), text.data(), text.size()) : -1;
    return length > 0 ? std::string{text.data(), static_cast<std::size_t>(length)} : std::string{};
}

std::string identity_of(const char* path) {
    struct stat found {};
    if (::stat(path, &found) < 0)
        return "-";
    return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino) + ":" +
           std::to_string(found.st_size) + ":" + std::to_string(found.st_mtim.tv_sec) + "." +
           std::to_string(found.st_mtim.tv_nsec);
}

// proc(5), /proc/pid/status: identity, rights and filters.
std::string rights() {
    constexpr std::array<std::string_view, 10> wanted{
        "Uid:",    "Gid:",    "CapInh:",     "CapPrm:",  "CapEff:",
        "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
    std::string result;
    const auto status = text_of("/proc/self/status");
    for (std::string_view rest = status; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        for (auto name : wanted)
            if (line.starts_with(name))
                result.append(line).append(";");
    }
    return result;
}

// FNV-1a: it need not resist an attack, for nothing is allowed by a record.
std::string hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
}

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
        status.st_size > largest_file)
        return lines;
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    auto length = ::read(file.get(), text.data(), text.size());
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    for (std::string_view rest = text; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        lines.emplace_back(line);
    }
    return lines;
}

bool write_whole(int file, std::string_view text) {
    while (!text.empty()) {
        auto count = ::write(file, text.data(), text.size());
        if (count <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

} // namespace

std::string trial_record::situation(std::string_view question) {
    std::string all{question};
    auto add = [&all](std::string_view fact) { all.append("|").append(fact); };
    add(program_version);
    add(identity_of("/proc/self/exe"));
    add(text_of("/proc/sys/kernel/random/boot_id"));
    add(rights());
    for (const char* name : {"user", "mnt", "pid", "ipc", "cgroup"}) {
        std::array<char, 64> target{};
        auto length =
            ::readlink((std::string{"/proc/self/ns/"} + name).c_str(), target.data(), target.size());
        add({target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))});
    }
    add(text_of("/proc/self/cgroup"));
    add(text_of("/proc/self/attr/current"));
    for (const char* place : {"/", "/proc", "/sys/fs/cgroup", "/dev/shm"}) {
        struct stat found {};
        add(::stat(place, &found) < 0 ? "-"
                                      : std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino));
    }
    // What administrators switch off for ordinary users, also while the system runs.
    if (::geteuid() != 0)
        for (const char* name :
             {"/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone",
              "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"})
            add(text_of(name));
    return all;
}

trial_record::trial_record(std::string file, std::string situation)
    : file_(std::move(file)), key_(hash_of(situation)) {
    if (file_.empty())
        return;
    for (const auto& line : lines_of(file_)) {
        if (line.starts_with(place_mark))
            unsettled_.insert(line.substr(place_mark.size()));
        if (!line.starts_with(key_))
            continue;
        for (std::string_view rest = std::string_view{line}.substr(key_.size()); !rest.empty();) {
            auto item = rest.substr(0, rest.find(separator));
            rest.remove_prefix(std::min(rest.size(), item.size() + 1));
            if (auto equal = item.find('='); equal != std::string_view::npos)
                trials_.emplace(item.substr(0, equal), item.substr(equal + 1));
        }
    }
}

const std::string* trial_record::find(std::string_view trial) const {
    auto found = trials_.find(trial);
    return found == trials_.end() ? nullptr : &found->second;
}

void trial_record::note(std::string_view trial, std::string_view learnt) {
    constexpr std::string_view would_break_a_line = "\t\n=";
    if (trial.find_first_of(would_break_a_line) != std::string_view::npos ||
        learnt.find_first_of("\t\n") != std::string_view::npos)
        return;
    trials_.insert_or_assign(std::string{trial}, std::string{learnt});
    changed_ = true;
}

void trial_record::write() {
    if (std::exchange(changed_, false) && !file_.empty())
        rewrite();
}

void trial_record::forget() {
    if (file_.empty() || trials_.empty())
        return;
    trials_.clear();
    rewrite();
}

void trial_record::begin_in(const std::string& place) {
    if (file_.empty() || place.find('\n') != std::string::npos)
        return;
    settled_.erase(place);
    unsettled_.insert(place);
    rewrite();
}

void trial_record::settle(const std::string& place) {
    if (unsettled_.erase(place) > 0) {
        settled_.insert(place);
        changed_ = true;
    }
}

// Two programs that write at once lose one of the two, which is then tried again.
void trial_record::rewrite() const {
    std::string text;
    if (!trials_.empty()) {
        text = key_;
        for (const auto& [name, learnt] : trials_)
            text.append(1, separator).append(name).append("=").append(learnt);
        text += '\n';
    }
    std::size_t kept = trials_.empty() ? 0 : 1;
    auto places = unsettled_;
    for (const auto& line : lines_of(file_)) {
        if (line.starts_with(place_mark)) {
            if (auto place = line.substr(place_mark.size()); !settled_.contains(place))
                places.insert(std::move(place)); // another program's, begun since this one read the file
        } else if (!line.starts_with(key_) && kept < most_situations) {
            text.append(line).append("\n");
            ++kept;
        }
    }
    for (const auto& place : places)
        text.append(place_mark).append(place).append("\n");
    auto pattern = file_ + "-XXXXXX";
    descriptor fresh{::mkostemp(pattern.data(), O_CLOEXEC)}; // mode 0600
    if (!fresh)
        return;
    if (!write_whole(fresh.get(), text) || ::rename(pattern.c_str(), file_.c_str()) < 0)
        ::unlink(pattern.c_str());
}

} // namespace gestvenv
