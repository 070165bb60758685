// SPDX-License-Identifier: MIT
#include "tools/faults/common/scenario.hpp"

#include "tools/faults/common/fault_plan.hpp"
#include "tools/faults/common/launcher_look.hpp"
#include "tools/faults/common/package_source.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/injector/injector.hpp"

#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sstream>
#include <stdexcept>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using namespace std::chrono_literals;

// Some that hide from their parent, one of them deaf to polite requests and one that is without its first
// thread as well, and a few files.
constexpr const char* leave_things_behind = R"(
sleep 1000 &
setsid sleep 1000 &
(setsid sh -c "trap '' TERM HUP; sleep 1000; sleep 1000" &)
setsid sh -c "trap '' TERM; exec \"\$HEADLESS\" headless" &
mkdir -p deep/deeper
for name in 1 2 3 4 5 6 7 8; do echo $name > deep/deeper/$name; done
ln -s /etc/passwd deep/link
chmod 000 deep/deeper
)";
constexpr std::size_t left_behind = 3;

// Far below the day that the wall clock jumps by, and looked at often while a run lasts.
constexpr auto time_to_live = 1h;
constexpr auto between_sweeps = 1s;

// A background recovery has no answer to wait for: its end is seen.
constexpr auto longest_recovery = 10s;
constexpr auto longest_beginning = 5s;
// What comes about once a second has come by then, and a service that is killed at each tick has been given up.
constexpr auto longest_waiting = 8s;
// The launcher closes what a teardown has let go of right after its answer.
constexpr auto longest_letting_go = 1s;

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : files::directory_iterator{"/proc/self/fd"})
        ++count;
    return count;
}

bool wait_until(std::chrono::milliseconds limit, const std::function<bool()>& true_at_last) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!true_at_last()) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

// The program that leaves a process without its first thread.
std::string own_program() {
    return files::read_symlink("/proc/self/exe").string();
}

std::string mark_of(const std::string& id) {
    return fmt::format("{}={}", mark_variable, id);
}

// Groups of that environment: its name is the documented one, or the whole id. Where a group alone was
// found, the receipt has its name for an id.
std::vector<std::string> groups_of(const std::string& id) {
    std::vector<std::string> result;
    const char* value = std::getenv(groups_variable); // NOLINT(concurrency-mt-unsafe): never set here
    std::istringstream roots{value == nullptr ? "" : value};
    std::error_code gone;
    for (std::string root; std::getline(roots, root, ':');)
        for (files::recursive_directory_iterator entry{root, gone}, end; !gone && entry != end;
             entry.increment(gone)) {
            auto name = entry->path().filename().string();
            if (name == "gestvenv-" + id.substr(0, 8) || name == "gestvenv-" + id || name == id)
                result.push_back(entry->path().string());
        }
    return result;
}

class player {
public:
    explicit player(const scenario& setup)
        : setup_(setup), report_(report_of(setup.does, setup.folder), std::ios::app) {}

    int play() {
        const auto before = open_descriptors();
        attempt("the runtime", [this] {
            runtime host{options()};
            switch (setup_.does) {
            case scenario::part::recover:
                recover(host);
                return wait_for_the_fault();
            case scenario::part::after:
                recover(host);
                return look_into_the_launcher(host);
            default:
                return use(host);
            }
        });
        const auto after = open_descriptors();
        say(fmt::format("descriptors: {} before, {} after", before, after));
        return after == before ? 0 : 3;
    }

private:
    runtime_options options() {
        runtime_options result;
        result.try_machine_again = true; // the trials have steps to fail at
        result.launcher = setup_.launcher;
        result.state_root = setup_.folder / "state";
        if (!setup_.default_roots)
            result.config.base_storage_path = setup_.folder / "storage";
        result.config.storage_backend = setup_.storage;
        result.config.stop_grace = 50ms;
        result.config.cleanup_interval = between_sweeps;
        result.best_containment = setup_.best;
        result.recover_orphans = setup_.does == scenario::part::beside || recovers_by_itself();
        result.log = [this](std::string_view text) { say(text); };
        return result;
    }

    bool recovers_by_itself() const {
        return setup_.automatic_recovery &&
               (setup_.does == scenario::part::recover || setup_.does == scenario::part::after);
    }

    std::optional<environment> create(runtime& host, const char* name) {
        std::optional<environment> made;
        attempt("create", [&] {
            made = host.create({.name = name, .ttl = time_to_live});
            paths_[made->id()] = setup_.storage == storage_backend::tmpfs ? files::path{} : made->host_path();
        });
        return made;
    }

    void fill(std::optional<environment>& env) {
        attempt("execute", [&] {
            if (!env)
                return;
            auto result = env->execute(
                command_spec{.text = leave_things_behind,
                             .shell = true,
                             .variables = {{mark_variable, env->id()}, {"HEADLESS", own_program()}}});
            if (!result.success())
                throw std::runtime_error{fmt::format("status {}: {}", result.returncode, result.stderr_text)};
            // What is not found while it lives would not be found when it should not. One that is just
            // becoming another program has no variables for a moment.
            const auto expected = left_behind + 1; // and the one without its first thread
            std::size_t found = 0;
            if (!wait_until(longest_beginning, [&] {
                    found = living_with(mark_of(env->id())).size();
                    return found >= expected;
                }))
                throw std::runtime_error{fmt::format("{} of its processes are found", found)};
        });
    }

    void destroy(std::optional<environment>& env) {
        attempt("destroy", [&] {
            if (env)
                note(env->destroy());
        });
    }

    void use(runtime& host) {
        std::future<operation_result> running;
        auto first = create(host, "first");
        fill(first);
        auto second = create(host, "second");
        attempt("install", [&] {
            if (second && setup_.does == scenario::part::install)
                (void)second->install({demo_requirement(setup_.folder.parent_path())});
        });
        attempt("execute_async", [&] {
            if (second)
                running = second->execute_async(command_spec{.arguments = {"sleep", "1000"},
                                                             .variables = {{mark_variable, second->id()}}});
        });
        destroy(first);
        wait_for_the_fault();
        attempt("usage", [&] {
            if (second)
                (void)host.usage();
        });
        attempt("shutdown", [&] {
            for (const auto& receipt : host.shutdown())
                note(receipt);
        });
        try {
            if (running.valid())
                (void)running.get();
        } catch (const std::exception& problem) { // as it should be: the command does not end by itself
            say(fmt::format("the running command: {}", problem.what()));
        }
    }

    void wait_for_the_fault() const {
        const auto* plan = the_plan();
        if (setup_.waits_for_the_fault && plan != nullptr && plan->planned > 0)
            (void)wait_until(longest_waiting, [plan] { return plan->all_struck(); });
    }

    void recover(runtime& host) {
        if (recovers_by_itself()) {
            // Not those that are still at it: the look for what is left tells.
            (void)wait_until(longest_recovery, [this] { return state_folders() <= 1; });
            return;
        }
        attempt("cleanup_orphans", [&] {
            for (const auto& receipt : host.cleanup_orphans())
                note(receipt);
        });
    }

    // What is kept for the next environment is there after the first.
    void look_into_the_launcher(runtime& host) {
        use_one(host);
        const auto* plan = the_plan();
        const pid_t launcher = plan == nullptr ? 0 : plan->launcher.load();
        std::optional<launcher_look> before;
        // Taken when two looks in a row are the same: it still closes what it has just let go of.
        wait_until(longest_letting_go, [&] {
            auto now = look_at_launcher(launcher);
            const bool same = before == now && now.processes == 0;
            before = std::move(now);
            return same;
        });
        if (before->descriptors.empty())
            return say(fmt::format("{}the launcher's descriptors are not seen", failed_line));
        use_one(host);
        std::string left;
        if (!wait_until(longest_letting_go, [&] {
                left = what_is_new(*before, look_at_launcher(launcher));
                return left.empty();
            }))
            say(fmt::format("{}an environment that is gone has left in the launcher:{}", finding_line, left));
    }

    void use_one(runtime& host) {
        auto env = create(host, "next");
        fill(env);
        destroy(env);
    }

    std::size_t state_folders() const {
        std::size_t count = 0;
        std::error_code gone;
        for (files::directory_iterator entry{setup_.folder / "state", gone}, end; !gone && entry != end;
             entry.increment(gone))
            count += entry->is_directory(gone) ? 1 : 0;
        return count;
    }

    // A receipt is compared with the machine at once, while everything else goes on.
    void note(const teardown_receipt& receipt) {
        const auto& id = receipt.environment_id;
        auto name = receipt.environment_name.empty() ? id : receipt.environment_name;
        if (!receipt.clean()) {
            for (const auto& left : receipt.residue)
                say(fmt::format("residue of {}: {} {}: {}", name, left.kind, left.name, left.why));
            return say(fmt::format("{}{} left {}", receipt_line, name, receipt.residue.size()));
        }
        say(fmt::format("{}{} clean", receipt_line, name));
        auto deny = [&](std::string_view what) {
            say(fmt::format("{}the receipt of {} is clean, but {}", finding_line, name, what));
        };
        for (auto pid : living_with(mark_of(id)))
            deny(fmt::format("process {} lives", describe(pid)));
        for (const auto& group : groups_of(id))
            deny(fmt::format("the group {} is there", group));
        std::error_code absent;
        if (auto path = paths_.find(id);
            path != paths_.end() && !path->second.empty() && files::exists(path->second, absent))
            deny(fmt::format("the folder {} is there", path->second.string()));
    }

    void attempt(const char* what, const std::function<void()>& call) {
        try {
            call();
        } catch (const std::exception& problem) { // a host that goes on, whatever it is told
            say(fmt::format("{}{}: {}", failed_line, what, problem.what()));
        }
    }

    void say(std::string_view text) {
        std::scoped_lock lock{mutex_};
        report_ << text << std::endl; // at once: the next line may never come
    }

    const scenario& setup_;
    std::mutex mutex_;
    std::ofstream report_;
    /// Where the storage of an environment is a folder.
    std::map<std::string, files::path> paths_;
};

} // namespace

int play(const scenario& setup) {
    return player{setup}.play();
}

} // namespace gestvenv::faults
