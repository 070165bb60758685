// SPDX-License-Identifier: MIT
// How long it takes until nothing is left: of a program that is killed, of a program and all that is its, of
// a thousand environments that are ended together.
#include "system/launcher/process_tree.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/scratch_folder.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace gestvenv::bench {

namespace {

namespace files = std::filesystem;
using clock = std::chrono::steady_clock;

constexpr int hundred = 100;
constexpr int thousand = 1000;
constexpr std::chrono::seconds longest{60};

// Three processes that have no tie to their parent, and 200 files.
constexpr const char* leave_things_behind = "for i in 1 2 3; do setsid sleep 1000 & done; i=0; while [ $i "
                                            "-lt 200 ]; do echo $i >file$i; i=$((i+1)); done";

double seconds_since(clock::time_point began) {
    return std::chrono::duration<double>{clock::now() - began}.count();
}

/// A program of its own with a hundred environments, below `folder`. A clone of this one: there are no
/// threads between rows.
class victim {
public:
    victim(const context& shared, const files::path& folder, storage_backend storage) : folder_(folder) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0)
            throw std::runtime_error{"there is no pipe for a program that is to be killed"};
        program_ = ::fork();
        if (program_ == 0) {
            ::close(ends[0]);
            live(shared, storage, ends[1]);
        }
        ::close(ends[1]);
        auto got = program_ < 0 ? 0 : ::read(ends[0], &launcher_, sizeof launcher_);
        ::close(ends[0]);
        if (got != sizeof launcher_)
            throw std::runtime_error{"the program that is to be killed did not get ready"};
    }
    victim(const victim&) = delete;
    victim& operator=(const victim&) = delete;
    ~victim() {
        for (auto pid : living_descendants(::getpid()))
            ::kill(pid, SIGKILL);
        reap();
    }

    runtime_options options(storage_backend storage) const {
        runtime_options result; // without a log: recovery has a line for each environment
        result.state_root = folder_ / "state";
        result.config.base_storage_path = folder_ / "storage";
        result.config.storage_backend = storage;
        result.config.max_concurrent = hundred;
        result.config.max_total_memory_mb = std::int64_t{1} << 20;
        result.config.max_total_disk_mb = std::int64_t{1} << 20;
        result.recover_orphans = false;
        return result;
    }

    std::size_t processes() const { return living_descendants(::getpid()).size(); }

    /// From the kill until nothing of it runs, its launcher included.
    double kill_program() {
        const auto began = clock::now();
        ::kill(program_, SIGKILL);
        return wait_for_the_end(began);
    }
    double kill_all() {
        std::vector<pid_t> dying{program_, launcher_};
        for (auto pid : living_descendants(launcher_))
            if (is_keeper(pid))
                dying.push_back(pid);
        const auto began = clock::now();
        for (auto pid : dying)
            ::kill(pid, SIGKILL);
        return wait_for_the_end(began);
    }
    bool left_a_storage() const {
        std::error_code absent;
        return files::directory_iterator{folder_ / "storage", absent} != files::directory_iterator{};
    }

private:
    [[noreturn]] void live(const context& shared, storage_backend storage, int writer) const {
        try {
            runtime host{options(storage)};
            std::vector<environment> all;
            // The launcher is an orphan, and so our parent's child by now.
            pid_t launcher = -1;
            for (auto pid : living_descendants(::getppid()))
                if (is_launcher(pid))
                    launcher = pid;
            for (int i = 0; i < hundred; ++i) {
                auto spec = plain_environment(shared);
                spec.storage_backend = storage;
                all.push_back(host.create(spec));
                execute(all.back(), {"sh", "-c", leave_things_behind});
            }
            if (::write(writer, &launcher, sizeof launcher) == sizeof launcher)
                for (;;)
                    ::pause();
        } catch (const std::exception& problem) {
            fmt::print(stderr, "gestvenv-bench: {}\n", problem.what());
        }
        ::_exit(1);
    }

    static std::string name_of(pid_t pid) {
        std::string name(64, '\0');
        auto path = fmt::format("/proc/{}/comm", pid);
        auto* file = std::fopen(path.c_str(), "re");
        if (file == nullptr)
            return {};
        name.resize(std::fread(name.data(), 1, name.size(), file));
        std::fclose(file);
        return name;
    }
    static bool is_keeper(pid_t pid) { return name_of(pid) == "gestvenv-keeper\n"; }
    static bool is_launcher(pid_t pid) { return name_of(pid) == "gestvenv-launch\n"; }

    static void reap() {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }

    double wait_for_the_end(clock::time_point began) const {
        while (seconds_since(began) < std::chrono::duration<double>{longest}.count()) {
            reap();
            if (living_descendants(::getpid()).empty())
                return seconds_since(began);
            ::poll(nullptr, 0, 1);
        }
        throw std::runtime_error{"processes of a killed program live on"};
    }

    files::path folder_;
    pid_t program_ = -1;
    pid_t launcher_ = -1;
};

std::string_view target_for(storage_backend storage, std::string_view target) {
    return storage == storage_backend::disk ? std::string_view{} : target;
}

// In memory as the row's folder is; on disk in the user's own.
scratch_folder folder_for(const context& shared, storage_backend storage) {
    return scratch_folder{storage == storage_backend::disk ? files::temp_directory_path() : shared.scratch};
}

} // namespace

void measure_killed(const context& shared, int runs, row_result& result) {
    for (auto storage : {storage_backend::tmpfs, storage_backend::memory, storage_backend::disk}) {
        double slowest = 0;
        std::size_t processes = 0;
        for (int i = 0; i < runs; ++i) {
            auto folder = folder_for(shared, storage);
            victim program{shared, folder.path(), storage};
            processes = program.processes();
            slowest = std::max(slowest, program.kill_program());
            if (program.left_a_storage())
                throw std::runtime_error{"the launcher ended and left a storage"};
        }
        result.notes.push_back(
            fmt::format("{}: the program killed, {} processes and the files of {} environments gone "
                        "within {:.3f} s (slowest of {}){}",
                        to_string(storage), processes, hundred, slowest, runs,
                        target_for(storage, "  target: at most 1 s")));
    }
}

void measure_all_killed(const context& shared, int runs, row_result& result) {
    for (auto storage : {storage_backend::tmpfs, storage_backend::memory, storage_backend::disk}) {
        double processes = 0;
        double rest = 0;
        for (int i = 0; i < runs; ++i) {
            auto folder = folder_for(shared, storage);
            victim program{shared, folder.path(), storage};
            processes = std::max(processes, program.kill_all());
            const auto began = clock::now();
            {
                runtime next{program.options(storage)};
                for (const auto& receipt : next.cleanup_orphans())
                    if (!receipt.clean())
                        throw std::runtime_error{"the next start could not finish an environment"};
                rest = std::max(rest, seconds_since(began));
            }
            if (program.left_a_storage())
                throw std::runtime_error{"the next start left a storage"};
        }
        result.notes.push_back(fmt::format(
            "{}: program, launcher and keepers killed at once: processes gone within "
            "{:.3f} s, the rest by the next start in {:.3f} s (slowest of {}){}",
            to_string(storage), processes, rest, runs, target_for(storage, "  target: at most 0.2 and 1 s")));
    }
}

void measure_end_of_thousand(const context& shared, int, row_result& result) {
    for (bool used : {false, true}) {
        auto options = host_options();
        options.config.max_concurrent = thousand;
        options.config.max_total_memory_mb = std::int64_t{1} << 30;
        runtime host{options};
        std::vector<environment> all;
        for (int i = 0; i < thousand; ++i) {
            all.push_back(host.create(plain_environment(shared)));
            if (used)
                execute(all.back(), {"sh", "-c", "sleep 1000 & echo text >file"});
        }
        const auto began = clock::now();
        auto receipts = host.shutdown();
        const auto took = seconds_since(began);
        auto clean =
            std::count_if(receipts.begin(), receipts.end(), [](const auto& one) { return one.clean(); });
        result.notes.push_back(
            fmt::format("{} environments, {}, ended together in {:.2f} s, {} without residue  target: "
                        "at most 5 s",
                        thousand, used ? "a process left running in each" : "unused", took, clean));
    }
}

} // namespace gestvenv::bench
