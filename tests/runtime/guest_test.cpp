// SPDX-License-Identifier: MIT
// A guest in its host: what a runtime does not do to the program it lives in, and what survives the worst.
#include "tests/runtime/host.hpp"

#include "system/journal/ended_archive.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "system/limits/orphaned_groups.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sys/wait.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <mutex>
#include <optional>
#include <poll.h>
#include <set>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

std::atomic<int> child_signals{0};

// Runs `body` in a forked child and returns how it ended. The child leaves without the test program's own
// end.
template <class Body>
int in_forked_child(Body body) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(body() ? 0 : 1);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

// A program that lives until it is killed, with two environments full of daemons; writes its process id's
// number.
void live_until_killed(const test::temporary_folder& folder, const std::string& word, containment best) {
    auto options = test::options_in(folder);
    options.best_containment = best;
    runtime host{options};
    environment_spec on_disk;
    on_disk.storage_backend = storage_backend::disk;
    auto first = host.create();
    auto second = host.create(on_disk);
    for (auto* env : {&first, &second})
        env->execute("sh -c 'trap \"\" TERM HUP; for i in 1 2 3; do setsid sleep 600." + word + " & done'");
    std::ofstream{folder.path() / "ready"} << "ready";
    for (;;)
        ::pause();
}

/// A program whose environments' processes run by then.
pid_t program_with_processes(const test::temporary_folder& folder, const std::string& word,
                             containment best = containment::pid_namespace) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        live_until_killed(folder, word, best);
        ::_exit(1);
    }
    for (int i = 0; i < 2000 && !std::filesystem::exists(folder.path() / "ready"); ++i)
        ::poll(nullptr, 0, 10);
    REQUIRE(test::wait_for_processes("600." + word, 6));
    return child;
}

// A launcher's command line does not name the test's folder: it is found as a holder of the lock in it,
// beside the program itself.
std::vector<pid_t> launchers_in(const test::temporary_folder& folder, pid_t program) {
    std::vector<pid_t> launchers;
    for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
        auto pid = std::atoi(process.path().filename().c_str());
        if (pid <= 0 || pid == program)
            continue;
        std::error_code gone;
        for (const auto& open : std::filesystem::directory_iterator{process.path() / "fd", gone})
            if (std::filesystem::read_symlink(open.path(), gone)
                    .string()
                    .starts_with(folder.path().string() + "/state")) {
                launchers.push_back(pid);
                break;
            }
    }
    return launchers;
}

// Both at the same moment, as a service manager does.
void kill_with_launcher(pid_t program, const test::temporary_folder& folder) {
    auto launchers = launchers_in(folder, program);
    REQUIRE(launchers.size() == 1);
    for (auto pid : launchers)
        ::kill(pid, SIGSTOP);
    ::kill(program, SIGKILL);
    for (auto pid : launchers)
        ::kill(pid, SIGKILL);
    ::waitpid(program, nullptr, 0);
}

} // namespace

TEST_CASE("the host sees no child of ours and no signal from one") {
    struct sigaction before {};
    struct sigaction counting {};
    counting.sa_handler = [](int) { ++child_signals; };
    ::sigaction(SIGCHLD, &counting, &before);
    child_signals = 0;
    {
        test::temporary_folder folder;
        runtime host{test::options_in(folder)};
        auto env = host.create();
        env.execute("true");
        CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
        CHECK(errno == ECHILD);
    }
    CHECK(child_signals == 0);
    ::sigaction(SIGCHLD, &before, nullptr);
}

TEST_CASE("every thread of the runtime blocks every signal, and no handler is installed") {
    test::temporary_folder folder;
    auto own = std::to_string(::gettid());
    constexpr std::array watched{SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE};
    std::vector<struct sigaction> before(watched.size());
    for (std::size_t i = 0; i < watched.size(); ++i)
        ::sigaction(watched[i], nullptr, &before[i]);
    runtime host{test::options_in(folder)};
    auto env = host.create();
    env.execute("true");
    int others = 0;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
        if (task.path().filename() == own)
            continue;
        std::ifstream status{task.path() / "status"};
        std::string name;
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("Name:"))
                name = line;
            if (line.starts_with("SigBlk:")) {
                INFO(name << " " << line);
                // All but SIGKILL, SIGSTOP and the two signals the C library keeps for itself.
                CHECK((std::stoull(line.substr(7), nullptr, 16) & 0x7ffefeff) == 0x7ffafeff);
                ++others;
            }
        }
    }
    CHECK(others >= 3);
    for (std::size_t i = 0; i < watched.size(); ++i) {
        struct sigaction now {};
        ::sigaction(watched[i], nullptr, &now);
        CHECK(now.sa_handler == before[i].sa_handler);
    }
}

TEST_CASE("in a forked child the runtime throws and its destructor does nothing") {
    test::temporary_folder folder;
    std::optional<runtime> host{test::options_in(folder)};
    auto env = host->create();
    auto status = in_forked_child([&] {
        try {
            host->create();
            return false;
        } catch (const ephemeral_exception&) {
        }
        { auto dying = std::move(env); }
        host.reset();
        return true;
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(env.execute("echo alive").stdout_text == "alive\n");
}

TEST_CASE("several runtimes live in one process, each with a state folder of its own") {
    test::temporary_folder folder;
    runtime first{test::options_in(folder)};
    runtime second{test::options_in(folder)};
    CHECK(test::names_in(folder.path() / "state").size() == 2);
    auto env = first.create({.name = "same"});
    CHECK(second.list().empty());
    auto other = second.create({.name = "same"});
    CHECK(env.id() != other.id());
}

TEST_CASE("a runtime that ends leaves nothing on the machine") {
    test::temporary_folder folder;
    auto word = test::unique_number();
    {
        runtime host{test::options_in(folder)};
        environment_spec spec;
        spec.storage_backend = GENERATE(storage_backend::tmpfs, storage_backend::disk);
        auto env = host.create(spec);
        env.execute("sh -c 'setsid sleep 600." + word + " & exit 0'");
    }
    CHECK(test::processes_with(word).empty());
    CHECK(test::state_folders_in(folder) == 0);
    CHECK(test::names_in(folder.path() / "storage").empty());
}

TEST_CASE("environments that outlive their runtime find it ended") {
    test::temporary_folder folder;
    std::optional<runtime> host{test::options_in(folder)};
    auto env = host->create();
    host.reset();
    CHECK_THROWS_AS(env.execute("true"), ephemeral_exception);
}

TEST_CASE("after SIGKILL of the program nothing of it runs a second later, and its folders are gone") {
    test::temporary_folder folder;
    auto word = test::unique_number();
    auto child = program_with_processes(folder, word);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(test::wait_for_processes(word, 0, 1s));
    // The launcher undoes what lay on disk too; it ends when it has.
    for (int i = 0; i < 500 && !test::names_in(folder.path() / "storage").empty(); ++i)
        ::poll(nullptr, 0, 10);
    CHECK(test::names_in(folder.path() / "storage").empty());
}

TEST_CASE("what runtime and launcher left when both were killed, the next start removes") {
    test::temporary_folder folder;
    auto word = test::unique_number();
    auto child = program_with_processes(folder, word);
    kill_with_launcher(child, folder);
    CHECK(test::wait_for_processes(word, 0, 1s));
    CHECK(test::names_in(folder.path() / "storage").size() == 1);
    CHECK(test::state_folders_in(folder) == 1);
    { runtime next{test::options_in(folder)}; }
    CHECK(test::names_in(folder.path() / "storage").empty());
    CHECK(test::state_folders_in(folder) == 0);
    auto ended = ended_archive{folder.path() / "state"}.read();
    REQUIRE(ended.size() == 2);
    for (const auto& entry : ended)
        CHECK(entry.end->cause == cleanup_reason::orphaned);
}

TEST_CASE("processes that only a lost journal knew of are ended by the next start, found by their group") {
    if (auto tree = cgroup_tree::find(); !tree)
        SKIP("there are no groups to find them by: " + tree.error().message);
    test::temporary_folder folder;
    auto word = test::unique_number();
    auto child = program_with_processes(folder, word, containment::cgroup);
    const auto began = std::chrono::steady_clock::now();
    kill_with_launcher(child, folder);
    std::filesystem::remove_all(folder.path() / "state");
    // A group that was made this moment might be about to be held.
    std::this_thread::sleep_until(began + 2 * least_age_of_orphans);
    auto options = test::options_in(folder);
    options.recover_orphans = false;
    runtime next{options};
    // Any other program that starts at this moment may be the one that finds them.
    for (const auto& receipt : next.cleanup_orphans())
        CHECK(receipt.clean());
    CHECK(test::wait_for_processes(word, 0));
}

TEST_CASE(
    "the loss of the launcher ends the environments with all that runs in them, not the host, and new ones "
    "can be made") {
    test::temporary_folder folder;
    auto word = test::unique_number();
    // Before the runtime: it hears of ends until that is gone.
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<runtime_event> gone;
    auto options = test::options_in(folder);
    options.best_containment =
        GENERATE(containment::pid_namespace, containment::cgroup, containment::subreaper);
    options.on_event = [&](const runtime_event& event) {
        std::scoped_lock lock{mutex};
        if (event.kind == event_kind::environment_gone)
            gone.push_back(event);
        changed.notify_all();
    };
    environment_spec spec;
    spec.storage_backend = GENERATE(storage_backend::tmpfs, storage_backend::disk);
    std::set<std::string> ids;
    {
        runtime host{std::move(options)};
        auto env = host.create(spec);
        auto other = host.create();
        ids = {env.id(), other.id()};
        for (auto* each : {&env, &other})
            each->execute("sh -c 'trap \"\" TERM HUP; for i in 1 2 3; do setsid sleep 600." + word +
                          " & done'");
        auto running = env.execute_async(command_spec{.arguments = {"sleep", "600." + word}});
        REQUIRE(test::wait_for_processes("600." + word, 7));
        auto launchers = launchers_in(folder, ::getpid());
        REQUIRE(launchers.size() == 1);
        ::kill(launchers.front(), SIGKILL);
        CHECK(test::wait_for_processes(word, 0, 1s));
        CHECK_THROWS_AS(running.get(), ephemeral_exception);
        {
            std::unique_lock lock{mutex};
            CHECK(changed.wait_for(lock, 5s, [&] { return gone.size() == 2; }));
            for (const auto& event : gone)
                CHECK(event.text.find("launcher_crashed") != std::string::npos);
        }
        CHECK(host.list().empty());
        CHECK_THROWS_AS(env.execute("true"), ephemeral_exception);
        CHECK(test::names_in(folder.path() / "storage").empty());
        CHECK(host.create().execute("echo again").stdout_text == "again\n");
    }
    CHECK(test::state_folders_in(folder) == 0);
    // Each has its receipt, with the cause and nothing left.
    std::set<std::string> ended;
    for (const auto& entry : ended_archive{folder.path() / "state"}.read())
        if (ids.contains(entry.id)) {
            ended.insert(entry.id);
            REQUIRE(entry.end.has_value());
            CHECK(entry.end->cause == cleanup_reason::launcher_crashed);
            CHECK(entry.end->receipt.at("residue").empty());
        }
    CHECK(ended == ids);
}
