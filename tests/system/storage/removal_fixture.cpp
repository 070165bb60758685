// SPDX-License-Identifier: MIT
#include "tests/system/storage/removal_fixture.hpp"
#include "system/isolation/private_mounts.hpp"

#include <catch2/catch_test_macros.hpp>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace gestvenv::test {

void write(const files::path& file, const std::string& text) {
    std::ofstream{file, std::ios::binary} << text;
}

int flags_of(const files::path& file) {
    descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    int flags = 0;
    return opened && ::ioctl(opened.get(), FS_IOC_GETFLAGS, &flags) == 0 ? flags : -1;
}

bool set_flags(const files::path& file, int flags) {
    descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    return opened && ::ioctl(opened.get(), FS_IOC_SETFLAGS, &flags) == 0;
}

std::string picture_of(const files::path& top) {
    std::vector<files::path> all{top};
    for (const auto& entry : files::recursive_directory_iterator{top})
        all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    std::ostringstream text;
    for (const auto& path : all) {
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        text << path << ' ' << status.st_mode << ' ' << status.st_uid << ' ' << status.st_mtim.tv_sec << '.'
             << status.st_mtim.tv_nsec << ' ';
        if (S_ISLNK(status.st_mode))
            text << files::read_symlink(path);
        if (S_ISREG(status.st_mode))
            text << flags_of(path) << ' ' << std::ifstream{path, std::ios::binary}.rdbuf();
        text << '\n';
    }
    return text.str();
}

int in_a_child(const std::function<int()>& work) {
    auto child = ::fork();
    if (child == 0) {
        try {
            ::_exit(work());
        } catch (...) {
            ::_exit(99); // else the test would run on in both
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool become_ordinary_user() {
    return ::setresuid(ordinary_user, ordinary_user, ordinary_user) == 0;
}

void give_to_ordinary_user(const files::path& top) {
    REQUIRE(::lchown(top.c_str(), ordinary_user, ordinary_user) == 0);
    for (const auto& entry : files::recursive_directory_iterator{top})
        REQUIRE(::lchown(entry.path().c_str(), ordinary_user, ordinary_user) == 0);
}

void make_deep(const descriptor& top, const std::string& name, int depth,
               const std::function<void(int folder, int level)>& furnish) {
    std::vector<descriptor> levels;
    for (int level = 1; level <= depth; ++level) {
        int parent = levels.empty() ? top.get() : levels.back().get();
        REQUIRE(::mkdirat(parent, name.c_str(), 0700) == 0);
        levels.emplace_back(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(levels.back());
    }
    for (; !levels.empty(); levels.pop_back())
        furnish(levels.back().get(), static_cast<int>(levels.size()));
}

bool mounts_of_its_own() {
    return ::unshare(CLONE_NEWNS) == 0 && make_mounts_private() == 0;
}

removal::removal() {
    files::create_directories(tree());
    files::create_directories(canary() / "closed");
    write(canary() / "file", "one\n");
    write(canary() / "closed" / "secret", std::string(10'000, 'x'));
    files::permissions(canary() / "closed", files::perms{0500});
    files::create_symlink("file", canary() / "link");
    remember_canary();
}

removal::~removal() {
    std::error_code ignored; // a test that has lost its canary has failed already
    files::permissions(canary() / "closed", files::perms{0700}, ignored);
}

descriptor removal::parent() const {
    return descriptor{::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

void removal::check_gone() const {
    auto report = run();
    std::string left;
    for (const auto& item : report.residue)
        left += item.name + ": " + item.why + "\n";
    CHECK(left.empty());
    CHECK_FALSE(files::exists(files::symlink_status(tree())));
    check_canary();
}

void removal::check_canary() const {
    CHECK(canary_is_untouched());
}

} // namespace gestvenv::test
