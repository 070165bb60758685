// SPDX-License-Identifier: MIT
// Shared memory, semaphores and queues that commands leave behind.
#include "tests/support/machine_fixture.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace gestvenv;
using test::each_containment;
using test::machine_fixture;

namespace {

namespace fs = std::filesystem;

bool is_private(const machine_fixture& f) {
    return f.keeper_started.in_force == containment::pid_namespace && f.shm == shared_memory::private_;
}

// Of each kind of System V one, made and used by the process itself; prints their ids.
const std::string makes_system_v = "exec python3 -c '\n"
                                   "import ctypes\n"
                                   "c = ctypes.CDLL(None)\n"
                                   "m = c.shmget(0, 4096, 0o1600)\n"
                                   "s = c.semget(0, 1, 0o1600)\n"
                                   "c.semctl(s, 0, 16, 1)\n" // SETVAL
                                   "q = c.msgget(0, 0o1600)\n"
                                   "c.msgsnd(q, ctypes.byref(ctypes.c_long(1)), 0, 0)\n"
                                   "print(m, s, q)'";

struct ids {
    int memory = -1;
    int semaphores = -1;
    int queue = -1;

    bool there() const {
        shmid_ds memory_status{};
        msqid_ds queue_status{};
        return ::shmctl(memory, IPC_STAT, &memory_status) == 0 || ::semctl(semaphores, 0, GETVAL) >= 0 ||
               ::msgctl(queue, IPC_STAT, &queue_status) == 0;
    }
};

ids ids_in(const std::string& text) {
    ids found;
    REQUIRE(std::sscanf(text.c_str(), "%d %d %d", &found.memory, &found.semaphores, &found.queue) ==
            3); // NOLINT
    REQUIRE(found.memory >= 0);
    REQUIRE(found.semaphores >= 0);
    REQUIRE(found.queue >= 0);
    return found;
}

bool names(const std::vector<residue>& list, const std::string& what) {
    return std::any_of(list.begin(), list.end(),
                       [&what](const residue& item) { return item.name.find(what) != std::string::npos; });
}

} // namespace

TEST_CASE("memory, semaphores and queues of System V are gone after the environment that made them") {
    machine_fixture f{each_containment()};
    auto made = f.run(makes_system_v);
    REQUIRE(made);
    auto left = ids_in(made->stdout_text);
    if (is_private(f))
        CHECK_FALSE(left.there());
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(ended->segments_removed == 3);
    if (!is_private(f))
        CHECK_FALSE(left.there());
}

TEST_CASE(
    "what other processes of this user make meanwhile is left alone, and named only where it is shared") {
    machine_fixture f{each_containment()};
    REQUIRE(f.run("exit 0"));
    const int strange = ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600); // of this process, which goes on
    REQUIRE(strange >= 0);
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    shmid_ds status{};
    CHECK(::shmctl(strange, IPC_STAT, &status) == 0);
    CHECK_FALSE(
        std::any_of(ended->unattributed.begin(), ended->unattributed.end(), [strange](const auto& item) {
            return item.kind == "shared memory" && item.name == std::to_string(strange);
        }));
    ::shmctl(strange, IPC_RMID, nullptr);
}

TEST_CASE("shared memory files and named semaphores are gone, or named as unattributed") {
    machine_fixture f{each_containment()};
    auto word = "gestvenv-test-" + test::unique_number();
    auto made = f.run("exec python3 -c '\n"
                      "import ctypes, os\n"
                      "from multiprocessing import shared_memory, resource_tracker\n"
                      "s = shared_memory.SharedMemory(name=\"" +
                      word +
                      "\", create=True, size=1 << 20)\n"
                      "s.buf[0] = 1\n"
                      "c = ctypes.CDLL(None)\n"
                      "c.sem_open(b\"/" +
                      word +
                      "\", os.O_CREAT, 0o600, 1)\n"
                      "c.mq_open(b\"/" +
                      word +
                      "\", os.O_CREAT | os.O_RDWR, 0o600, None)\n"
                      "os.kill(resource_tracker._resource_tracker._pid, 9)\n"
                      "os._exit(0)'");
    REQUIRE(made);
    CHECK(made->stderr_text.empty());
    const fs::path memory = "/dev/shm/" + word;
    const fs::path semaphore = "/dev/shm/sem." + word;
    CHECK(fs::exists(memory) != is_private(f));
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    if (is_private(f)) {
        CHECK_FALSE(fs::exists(memory));
        CHECK_FALSE(fs::exists(semaphore));
        CHECK(ended->segments_removed >= 2);
        CHECK(ended->bytes_removed > 0);
        CHECK(ended->unattributed.empty());
    } else {
        // Nothing says who made a file.
        CHECK(names(ended->unattributed, memory));
        CHECK(names(ended->unattributed, semaphore));
        CHECK(fs::exists(memory));
    }
    fs::remove(memory);
    fs::remove(semaphore);
    fs::remove("/dev/mqueue/" + word);
}

TEST_CASE("a lock of multiprocessing works, and what a killed pool leaves is gone") {
    machine_fixture f{each_containment()};
    auto made = f.run("exec python3 -c '\n"
                      "import multiprocessing as m\n"
                      "with m.Pool(2) as pool: print(sum(pool.map(abs, range(-5, 0))))\n"
                      "with m.Lock(): print(1)'");
    REQUIRE(made);
    CHECK(made->stdout_text == "15\n1\n");
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
}

TEST_CASE("a private /dev/shm is as large as the host's, and as open") {
    machine_fixture f;
    if (!is_private(f))
        SKIP("there is no pid namespace here");
    auto inside = f.run("stat -fc '%b %S' /dev/shm; stat -c %a /dev/shm; ls -A /dev/shm | grep -v gestvenv");
    REQUIRE(inside);
    struct statvfs status {};
    REQUIRE(::statvfs("/dev/shm", &status) == 0);
    CHECK(inside->stdout_text.starts_with(std::to_string(status.f_blocks) + " " +
                                          std::to_string(status.f_frsize) + "\n1777\n"));
}

TEST_CASE("who wants the host's shared memory has it, and what is left there is named") {
    machine_fixture f{containment::pid_namespace, storage_backend::tmpfs, {}, shared_memory::host};
    const int key = static_cast<int>(::getpid());
    const int strange = ::shmget(key, 4096, IPC_CREAT | 0600);
    REQUIRE(strange >= 0);
    auto word = "gestvenv-test-" + test::unique_number();
    std::ofstream{"/dev/shm/" + word} << "content";
    auto result =
        f.run("cat /dev/shm/" + word + "; python3 -c 'import ctypes; print(ctypes.CDLL(None).shmget(" +
              std::to_string(key) + ", 0, 0))'; echo x > /dev/shm/" + word + ".new");
    REQUIRE(result);
    CHECK(result->stdout_text == "content" + std::to_string(strange) + "\n");
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(names(ended->unattributed, word + ".new"));
    ::shmctl(strange, IPC_RMID, nullptr);
    fs::remove("/dev/shm/" + word);
    fs::remove("/dev/shm/" + word + ".new");
}

TEST_CASE("the caller's folders and named files in /dev/shm are there as everywhere") {
    machine_fixture f{each_containment()};
    auto word = "gestvenv-test-" + test::unique_number();
    const fs::path folder = "/dev/shm/" + word;
    const fs::path file = folder.string() + ".txt";
    std::ofstream{file} << "named\n";
    auto as_working_folder = [&f](const fs::path& where, const std::string& script) {
        auto request = f.shell(script);
        request.program.working_directory = where;
        return f.run(std::move(request));
    };
    // A folder that comes about after the keeper, too.
    REQUIRE(f.run("exit 0"));
    fs::create_directory(folder);
    std::ofstream{folder / "inner"} << "inner\n";
    auto in_folder = as_working_folder(folder, "pwd; cat inner; echo new > made");
    REQUIRE(in_folder);
    CHECK(in_folder->stdout_text == folder.string() + "\ninner\n");
    CHECK(fs::exists(folder / "made"));
    auto named = f.run("cat " + file.string());
    REQUIRE(named);
    CHECK(named->stdout_text == "named\n");
    auto in_all = as_working_folder("/dev/shm", "pwd; cat " + file.filename().string());
    REQUIRE(in_all);
    CHECK(in_all->stdout_text == "/dev/shm\nnamed\n");
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    if (is_private(f))
        CHECK(ended->segments_removed == 0);
    CHECK(fs::exists(file));
    fs::remove_all(folder);
    fs::remove(file);
}

TEST_CASE("a storage in /dev/shm works under a private one") {
    machine_fixture f{each_containment(), storage_backend::memory};
    auto result = f.run("echo content > file && cat file");
    REQUIRE(result);
    CHECK(result->stdout_text == "content\n");
    CHECK(fs::exists(f.created.host_path + "/work/file"));
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
}
