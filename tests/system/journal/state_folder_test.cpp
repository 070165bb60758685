// SPDX-License-Identifier: MIT
#include "system/journal/state_folder.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tests/system/journal/child_process.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <thread>
#include <vector>

using namespace gestvenv;
using test::temporary_folder;

namespace {

state_folder created(const std::filesystem::path& root) {
    auto result = state_folder::create(root);
    if (!result)
        FAIL(render(result.error()));
    return std::move(*result);
}

std::size_t free_in(const std::filesystem::path& root) {
    auto found = state_folder::find_free(root);
    if (!found)
        FAIL(render(found.error()));
    return found->size();
}

/// Makes `count` folders whose owner is dead.
void leave_folders(const std::filesystem::path& root, int count) {
    test::wait_for(test::start_child([&] {
        std::vector<state_folder> all;
        for (int number = 0; number < count; ++number)
            all.push_back(created(root));
        ::kill(::getpid(), SIGKILL);
    }));
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

} // namespace

TEST_CASE("a new folder is for its owner only, has a name of its own, and makes what is missing above it") {
    temporary_folder scratch;
    auto root = scratch.path() / "state" / "deep" / "gestvenv";
    auto first = created(root);
    auto second = created(root);
    CHECK(first.id() != second.id());
    CHECK(first.path() == root / first.id());
    for (const auto& path : {first.path(), root, scratch.path() / "state"})
        CHECK(mode_of(path) == 0700);
    CHECK(mode_of(first.path() / "lock") == 0600);
    CHECK((::fcntl(first.lock(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a folder is not found while its owner lives, and by the next start after its death") {
    temporary_folder scratch;
    CHECK(free_in(scratch.path() / "nowhere") == 0);
    auto mine = created(scratch.path());
    leave_folders(scratch.path(), 1);
    CHECK(test::in_child([&] { return std::to_string(free_in(scratch.path())); }) == "1");
    auto found = state_folder::find_free(scratch.path());
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().id() != mine.id());
    CHECK(free_in(scratch.path()) == 0); // found means locked, in the same process too
    CHECK(all_state_folders(scratch.path())->size() == 2);
    found->clear();
    CHECK(free_in(scratch.path()) == 1);
}

TEST_CASE("no more folders are taken than asked for, and every one is found in the end") {
    temporary_folder scratch;
    leave_folders(scratch.path(), 7);
    CHECK(state_folder::find_free(scratch.path(), 3)->size() == 3);
    std::set<std::string> seen;
    for (int round = 0; round < 200 && seen.size() < 7; ++round) {
        auto found = state_folder::find_free(scratch.path(), 1);
        REQUIRE(found->size() == 1);
        seen.insert(found->front().id());
    }
    CHECK(seen.size() == 7);
}

TEST_CASE("finders at the same time, in threads and processes, never both get a folder") {
    temporary_folder scratch;
    constexpr std::size_t folders = 60;
    leave_folders(scratch.path(), folders);
    int names[2];
    int go[2];
    REQUIRE(::pipe(names) == 0);
    REQUIRE(::pipe(go) == 0);
    std::vector<pid_t> finders;
    for (int number = 0; number < 4; ++number)
        finders.push_back(test::start_child([&] {
            ::close(go[1]);
            char byte = 0;
            static_cast<void>(::read(go[0], &byte, 1)); // all begin when the other end is closed
            std::vector<state_folder> kept[2];
            auto find = [&](std::vector<state_folder>& mine) {
                for (int round = 0; round < 5; ++round)
                    if (auto found = state_folder::find_free(scratch.path(), 4))
                        for (auto& folder : *found)
                            mine.push_back(std::move(folder));
            };
            std::thread other{find, std::ref(kept[1])};
            find(kept[0]);
            other.join();
            for (const auto& mine : kept)
                for (const auto& folder : mine)
                    if (::write(names[1], folder.id().data(), 36) != 36)
                        ::_exit(1);
            ::close(names[1]);
            ::pause(); // holds what it has until all have reported
        }));
    ::close(names[1]);
    ::close(go[0]);
    ::close(go[1]);
    std::map<std::string, int> owners;
    std::string name(36, ' ');
    while (::read(names[0], name.data(), 36) == 36)
        ++owners[name];
    ::close(names[0]);
    CHECK(free_in(scratch.path()) == folders - owners.size());
    for (auto finder : finders) {
        ::kill(finder, SIGKILL);
        test::wait_for(finder);
    }
    CHECK(owners.size() > folders / 2);
    for (const auto& [id, count] : owners)
        CHECK(count == 1);
}

TEST_CASE("folders that come and go while others search leave nothing behind and fail no search") {
    temporary_folder scratch;
    auto root = scratch.path() / "gestvenv";
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{700};
    auto lives = [&](bool finishes) {
        return [&root, end, finishes] {
            while (std::chrono::steady_clock::now() < end) {
                auto mine = state_folder::create(root);
                if (!mine)
                    ::_exit(1);
                std::ofstream{mine->path() / "content"} << "x";
                if (!std::filesystem::exists(mine->path() / "lock"))
                    ::_exit(2); // another process took what we hold
                if (finishes && !mine->remove())
                    ::_exit(3);
            }
        };
    };
    auto finishes_others = [&] {
        while (std::chrono::steady_clock::now() < end) {
            auto found = state_folder::find_free(root, 5);
            if (!found)
                ::_exit(5);
            for (auto& folder : *found)
                if (!folder.remove())
                    ::_exit(4);
        }
    };
    std::vector<pid_t> children{test::start_child(lives(true)), test::start_child(lives(true)),
                                test::start_child(lives(false)), test::start_child(finishes_others),
                                test::start_child(finishes_others)};
    for (auto child : children) {
        auto status = test::wait_for(child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    auto rest = state_folder::find_free(root, 10000);
    REQUIRE(rest);
    for (auto& folder : *rest)
        CHECK(folder.remove());
    CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("the lock lasts as long as any copy of its descriptor, as the launcher has one") {
    temporary_folder scratch;
    int copy = -1;
    {
        auto mine = created(scratch.path());
        copy = ::dup(mine.lock());
    }
    CHECK(free_in(scratch.path()) == 0);
    ::close(copy);
    CHECK(free_in(scratch.path()) == 1);
}

TEST_CASE("a child that the host forks does not keep the lock of a runtime that has died") {
    temporary_folder scratch;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto host = test::start_child([&] {
        auto mine = created(scratch.path());
        if (::fork() == 0) {
            auto self = ::getpid();
            static_cast<void>(::write(ends[1], &self, sizeof self)); // it runs: fork(2) has done all it does
            auto elsewhere = std::move(mine);
            ::pause();
        }
        ::pause();
    });
    pid_t survivor = 0;
    REQUIRE(::read(ends[0], &survivor, sizeof survivor) == sizeof survivor);
    CHECK(free_in(scratch.path()) == 0);
    ::kill(host, SIGKILL);
    test::wait_for(host);
    ::close(ends[0]);
    ::close(ends[1]);
    REQUIRE(::kill(survivor, 0) == 0);
    CHECK(free_in(scratch.path()) == 1);
    ::kill(survivor, SIGKILL);
}

TEST_CASE("destroying the copy of a folder in a forked child closes nothing of the child's") {
    temporary_folder scratch;
    auto mine = std::make_unique<state_folder>(created(scratch.path()));
    auto complaint = test::in_child([&]() -> std::string {
        auto number = mine->lock();
        if (::fcntl(number, F_GETFD) != -1)
            return "the descriptor is still there";
        if (::dup2(0, number) != number)
            return "cannot take the number";
        mine.reset();
        return ::fcntl(number, F_GETFD) == -1 ? "closed another file's descriptor" : "";
    });
    CHECK(complaint.empty());
    CHECK(free_in(scratch.path()) == 0);
}

TEST_CASE("removing a folder takes all that is in it, and the root once it is empty") {
    temporary_folder scratch;
    auto root = scratch.path() / "gestvenv";
    auto first = created(root);
    auto second = created(root);
    std::filesystem::create_directories(first.path() / "a" / "b");
    std::ofstream{first.path() / "a" / "file"} << "x";
    std::filesystem::create_directory(scratch.path() / "outside");
    std::ofstream{scratch.path() / "outside" / "kept"} << "x";
    std::filesystem::create_directory_symlink(scratch.path() / "outside", first.path() / "link");
    REQUIRE(first.remove());
    CHECK_FALSE(std::filesystem::exists(first.path()));
    CHECK(std::filesystem::exists(scratch.path() / "outside" / "kept"));
    CHECK(std::filesystem::exists(second.path()));
    REQUIRE(second.remove());
    CHECK_FALSE(std::filesystem::exists(root));
    CHECK(state_folder::create(root));
}

TEST_CASE("a root that is a link, or that others may write to, is refused") {
    temporary_folder scratch;
    auto root = scratch.path() / "real";
    auto link = scratch.path() / "link";
    std::filesystem::create_directory(root);
    std::filesystem::create_directory_symlink(root, link);
    CHECK_FALSE(state_folder::create(link));
    CHECK_FALSE(state_folder::find_free(link));
    REQUIRE(::chmod(root.c_str(), 0777) == 0);
    auto refused = state_folder::create(root);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::permission_denied);
    CHECK_FALSE(refused.error().hint.empty());
    std::ofstream{scratch.path() / "file"} << "x";
    CHECK_FALSE(state_folder::create(scratch.path() / "file"));
    CHECK(std::filesystem::is_empty(root));
}

TEST_CASE("a root or a folder of another user is not touched") {
    if (::geteuid() != 0)
        SKIP("only root can make one");
    temporary_folder scratch;
    auto root = scratch.path() / "gestvenv";
    leave_folders(root, 1);
    auto folder = all_state_folders(root)->front();
    REQUIRE(::chown(folder.c_str(), 12345, 12345) == 0);
    CHECK(free_in(root) == 0);
    REQUIRE(::chown(root.c_str(), 12345, 12345) == 0);
    CHECK_FALSE(state_folder::find_free(root));
    CHECK_FALSE(state_folder::create(root));
}

TEST_CASE("links, files and folders of other names below the root are passed over") {
    temporary_folder scratch;
    leave_folders(scratch.path() / "other", 1);
    auto name = all_state_folders(scratch.path() / "other")->front().filename();
    auto root = scratch.path() / "gestvenv";
    std::filesystem::create_directory(root);
    std::filesystem::create_directory_symlink(scratch.path() / "other" / name, root / name);
    std::filesystem::create_directory(root / "something else");
    std::ofstream{root / "0123456789abcdef0123456789abcdef0123"} << "a file with the shape of an id";
    CHECK(free_in(root) == 0);
    CHECK(std::filesystem::exists(root / "something else"));
    CHECK(std::filesystem::exists(scratch.path() / "other" / name / "lock"));
}

TEST_CASE("a folder without its lock file is removed when it is empty and found when it is not") {
    temporary_folder scratch;
    leave_folders(scratch.path(), 2);
    auto folders = *all_state_folders(scratch.path());
    for (const auto& folder : folders)
        std::filesystem::remove(folder / "lock");
    std::ofstream{folders[0] / "journal.db"} << "x";
    auto found = state_folder::find_free(scratch.path());
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().path() == folders[0]);
    CHECK_FALSE(std::filesystem::exists(folders[1]));
}

TEST_CASE("the root is where the XDG specification has it") {
    const char* before = std::getenv("XDG_STATE_HOME");
    std::string saved = before == nullptr ? "" : before;
    ::setenv("XDG_STATE_HOME", "/elsewhere", 1);
    CHECK(default_state_root("/home/me") == "/elsewhere/gestvenv");
    ::setenv("XDG_STATE_HOME", "relative", 1);
    CHECK(default_state_root("/home/me") == "/home/me/.local/state/gestvenv");
    ::unsetenv("XDG_STATE_HOME");
    CHECK(default_state_root("/home/me") == "/home/me/.local/state/gestvenv");
    if (before != nullptr)
        ::setenv("XDG_STATE_HOME", saved.c_str(), 1);
}
