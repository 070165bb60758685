// SPDX-License-Identifier: MIT
// What ends or refuses a command for a limit is told, and never silently; and what we cannot write ourselves
// is no matter of the command's status.
#include "tests/end_to_end/program.hpp"
#include "tests/support/outer_limit.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

bool tells(const finished& result, const std::string& text) {
    INFO(result.err);
    return result.err.find(text) != std::string::npos;
}

} // namespace

TEST_CASE("a command has as many processes and threads as it likes, where no bound was asked for") {
    scene place;
    auto processes =
        place.gestvenv({"run", "sh", "-c", "for i in $(seq 30); do sleep 1 & done; wait; echo done"});
    CHECK(processes.out == "done\n");
    CHECK(processes.err.empty());
    auto threads =
        place.gestvenv({"run", "python", "-c",
                        "import threading, time\n"
                        "all = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(600)]\n"
                        "for one in all: one.start()\n"
                        "print(threading.active_count())"});
    CHECK(threads.out == "601\n");
    CHECK(threads.err.empty());
}

TEST_CASE("a command that is ended for its processes says so, with the option") {
    scene place;
    auto result = place.gestvenv(
        {"run", "--max-processes", "5", "sh", "-c", "for i in $(seq 12); do sleep 600 & done; wait"});
    CHECK(result.status == 128 + SIGKILL);
    CHECK(tells(result,
                "error: the command was ended because there were too many processes (max_processes): 13 "
                "processes, and 5 processes are allowed"));
    CHECK(tells(result, "hint: allow it more: --max-processes"));
}

TEST_CASE("more processes than the usual bound of threads can be asked for") {
    scene place;
    auto result = place.gestvenv({"run", "--max-processes", "600", "python", "-c",
                                  "import os, time\n"
                                  "for _ in range(560):\n"
                                  "    if os.fork() == 0: time.sleep(0.5); os._exit(0)\n"
                                  "print('made')"});
    CHECK(result.out == "made\n");
    CHECK(result.status == 0);
    CHECK(place.gestvenv({"run", "--max-processes", "600", "--max-threads", "100", "true"}).status == 2);
}

TEST_CASE("threads and processes that were refused under a bound are told at the end") {
    scene place;
    auto threads =
        place.gestvenv({"run", "--max-threads", "64", "python", "-c",
                        "import threading, time\n"
                        "for _ in range(200):\n"
                        "    threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()"});
    if (threads.status == 125)
        SKIP("threads cannot be bounded here");
    CHECK(threads.status == 1);
    CHECK(tells(threads, "(max_threads): 64 threads"));
    CHECK(tells(threads, "--max-threads"));
    auto forks = place.gestvenv(
        {"run", "--max-threads", "20", "sh", "-c", "for i in $(seq 40); do sleep 2 & done; wait"});
    CHECK(tells(forks, "(max_threads): 20 threads"));
    auto within = place.gestvenv({"run", "--max-threads", "64", "true"});
    CHECK(within.err.empty());
}

TEST_CASE("a command that is ended for its memory says so, with the option") {
    scene place;
    auto result = place.gestvenv(
        {"run", "--max-memory", "64", "--max-disk", "64", "python", "-c", "bytearray(300 << 20)"});
    if (result.status == 125)
        SKIP("memory cannot be limited here");
    CHECK(result.status == 128 + SIGKILL);
    CHECK(tells(result, "ended for want of memory (max_memory)"));
    CHECK(tells(result, "128 MB are allowed"));
    CHECK(tells(result, "--max-memory"));
}

TEST_CASE("a full storage is told when the command has failed, with the option") {
    scene place;
    auto result = place.gestvenv(
        {"run", "--max-disk", "4", "--work-folder", "sh", "-c", "head -c 20000000 /dev/zero > file"});
    CHECK(result.status == 1);
    CHECK(tells(result, "the storage of the environment is full (max_disk)"));
    CHECK(tells(result, "--max-disk"));
}

TEST_CASE("the caller's limit on the size of files holds for the command, and is told") {
    scene place;
    auto result = place.shell("ulimit -S -f 8; \"$GESTVENV\" run dd if=/dev/zero of=big bs=4096 count=100");
    CHECK(result.status == 128 + SIGXFSZ);
    CHECK(tells(result, "a file became too large (RLIMIT_FSIZE)"));
    CHECK(tells(result, "ulimit -f"));
    auto time = place.shell("ulimit -t 1; \"$GESTVENV\" run sh -c 'while :; do :; done'");
    CHECK(tells(time, "RLIMIT_CPU"));
}

TEST_CASE("the caller's limit on the size of files is no matter of what we write ourselves") {
    scene place;
    auto result = place.shell("ulimit -S -f 1; \"$GESTVENV\" run sh -c 'ulimit -f; exit 7'");
    CHECK(result.status == 7);
    CHECK(result.out == "1\n");
    CHECK(result.err.empty());
}

TEST_CASE("a hard limit on the size of files below what the journal takes is named") {
    scene place;
    auto result = place.shell("ulimit -f 1; \"$GESTVENV\" run true");
    if (result.status == 0)
        SKIP("this user may lift it");
    CHECK(result.status == 125);
    CHECK(tells(result, "ulimit -S -f"));
}

TEST_CASE("a state folder that is full at the end does not change the command's status") {
    scene place;
    // Not where the root is no mount point (chroot) either.
    if (auto own = place.shell("unshare -m --propagation private true"); own.status != 0)
        SKIP("a mount of its own is not possible here: " + own.err);
    auto state = place.folder() / "full";
    std::filesystem::create_directory(state);
    auto result = place.shell("unshare -m --propagation private sh -c 'mount -t tmpfs -o size=1m none " +
                              state.string() + " && XDG_STATE_HOME=" + state.string() +
                              " \"$GESTVENV\" run sh -c \"head -c 9000000 /dev/zero > " + state.string() +
                              "/filler; exit 7\"'");
    INFO(result.err);
    CHECK(result.status == 7);
}
