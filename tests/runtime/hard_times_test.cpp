// SPDX-License-Identifier: MIT
// A machine that has run out of something, and a host that does what makes cleaning up hard.
#include "system/isolation/private_mounts.hpp"
#include "system/journal/journal.hpp"
#include "system/journal/state_folder.hpp"
#include "tests/runtime/host.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

namespace files = std::filesystem;

bool wait_until_empty(const files::path& folder) {
    for (int i = 0; i < 500 && !test::names_in(folder).empty(); ++i)
        ::poll(nullptr, 0, 10);
    return test::names_in(folder).empty();
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(files::directory_iterator{"/proc/self/fd"}, files::directory_iterator{}));
}

} // namespace

TEST_CASE(
    "a host that has forked and is killed leaves nothing, although its child lives and holds all it had") {
    test::temporary_folder folder;
    auto word = test::unique_number();
    auto host = ::fork();
    REQUIRE(host >= 0);
    if (host == 0) {
        runtime own{test::options_in(folder)};
        environment_spec spec;
        spec.storage_backend = storage_backend::disk;
        auto env = own.create(spec);
        (void)env.execute(command_spec{.text = "setsid sleep 600." + word + " & sleep 0", .shell = true});
        if (auto child = ::fork(); child == 0) {
            for (;;)
                ::pause();
        } else {
            std::ofstream{folder.path() / "child.new"} << child;
        }
        files::rename(folder.path() / "child.new", folder.path() / "child");
        for (;;)
            ::pause();
    }
    for (int i = 0; i < 2000 && !files::exists(folder.path() / "child"); ++i)
        ::poll(nullptr, 0, 10);
    pid_t child = -1;
    std::ifstream{folder.path() / "child"} >> child;
    REQUIRE(child > 0);
    REQUIRE(test::wait_for_processes("600." + word, 1));
    ::kill(host, SIGKILL);
    ::waitpid(host, nullptr, 0);
    CHECK(test::wait_for_processes(word, 0, 2s));
    CHECK(wait_until_empty(folder.path() / "storage"));
    CHECK(::kill(child, 0) == 0);
    // Nor does the child keep the next start from finishing what is in the journal.
    { runtime next{test::options_in(folder)}; }
    CHECK(test::state_folders_in(folder) == 0);
    ::kill(child, SIGKILL);
}

TEST_CASE("on a full disk nothing new is made, what there is goes, and with room it works again") {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0 || make_mounts_private() != 0)
        SKIP("only root mounts");
    test::temporary_folder folder;
    auto state = folder.path() / "state";
    files::create_directories(state);
    REQUIRE(::mount("small", state.c_str(), "tmpfs", 0, "size=4m,mode=0700") == 0);
    constexpr int many = 5000;
    auto options = test::options_in(folder);
    options.config.max_concurrent = many;
    options.config.max_total_memory_mb = std::int64_t{1} << 30;
    {
        runtime host{options};
        auto env = host.create();
        CHECK(env.execute("true").success());
        {
            std::ofstream filler{state / "filler", std::ios::binary};
            while (filler << std::string(4096, 'x') << std::flush) {
            }
        }
        // What the journal has set aside for itself is enough for some.
        std::vector<environment> more;
        try {
            for (int i = 0; i < many; ++i)
                more.push_back(host.create());
            FAIL("creations go on although none can be written down");
        } catch (const ephemeral_exception& problem) {
            CHECK(problem.details().code == error_code::storage_full);
        }
        CHECK(host.list().size() == more.size() + 1);
        CHECK(env.execute("true").success());
        CHECK(env.destroy().clean());
        for (auto& one : more)
            CHECK(one.destroy().clean());
        files::remove(state / "filler");
        CHECK(host.create().destroy().clean());
    }
    CHECK(test::state_folders_in(folder) == 0);
    CHECK(wait_until_empty(folder.path() / "storage"));
    CHECK(::umount(state.c_str()) == 0);
}

TEST_CASE("a host without a free descriptor is told so, and everything ends all the same") {
    test::temporary_folder folder;
    const auto before = open_descriptors();
    rlimit usual{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &usual) == 0);
    {
        runtime host{test::options_in(folder)};
        auto env = host.create();
        CHECK(env.execute("true").success());
        rlimit none = usual;
        none.rlim_cur = open_descriptors(); // not one more
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        // An output stream takes a pipe each.
        CHECK_THROWS_AS(env.execute("true"), ephemeral_exception);
        auto receipt = env.destroy();
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &usual) == 0);
        CHECK(receipt.clean());
        CHECK(host.create().execute("true").success());
    }
    CHECK(open_descriptors() == before);
    CHECK(test::state_folders_in(folder) == 0);
}

TEST_CASE("a start finishes what many programs have left, however many they were") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    for (int number = 0; number < 130; ++number) {
        auto left = state_folder::create(options.state_root);
        REQUIRE(left);
        REQUIRE(journal::open(left->path()));
    }
    CHECK(test::state_folders_in(folder) == 130);
    { runtime next{options}; }
    CHECK(test::state_folders_in(folder) == 0);
}
