#include "tools/faults/scenario.hpp"

#include "tools/faults/package_source.hpp"

#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>

namespace gestvenv::faults {

namespace {

using namespace std::chrono_literals;

// Three that hide from their parent, one of them deaf to polite requests, and a few files.
constexpr const char* leave_things_behind = R"(
sleep 1000 &
setsid sleep 1000 &
(setsid sh -c "trap '' TERM HUP; sleep 1000; sleep 1000" &)
mkdir -p deep/deeper
for name in 1 2 3 4 5 6 7 8; do echo $name > deep/deeper/$name; done
ln -s /etc/passwd deep/link
chmod 000 deep/deeper
)";

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
        ++count;
    return count;
}

class player {
public:
    explicit player(const scenario& setup) : setup_(setup), report_(setup.folder / "report", std::ios::app) {}

    int play() {
        const auto before = open_descriptors();
        attempt("the runtime", [this] {
            runtime host{options()};
            if (setup_.does == scenario::part::recover)
                recover(host);
            else
                use(host);
        });
        const auto after = open_descriptors();
        say(fmt::format("descriptors: {} before, {} after", before, after));
        return after == before ? 0 : 3;
    }

private:
    runtime_options options() {
        runtime_options result;
        result.launcher = setup_.launcher;
        result.state_root = setup_.folder / "state";
        result.config.base_storage_path = setup_.folder / "storage";
        result.config.storage_backend = setup_.storage;
        result.config.stop_grace = 50ms;
        result.best_containment = setup_.best;
        result.recover_orphans = setup_.does == scenario::part::beside;
        result.log = [this](std::string_view text) { say(text); };
        return result;
    }

    void use(runtime& host) {
        std::optional<environment> first;
        std::optional<environment> second;
        std::future<operation_result> running;
        attempt("create", [&] { first = host.create({.name = "first"}); });
        attempt("execute", [&] {
            if (first)
                (void)first->execute(command_spec{.text = leave_things_behind, .shell = true});
        });
        attempt("create", [&] { second = host.create({.name = "second"}); });
        attempt("install", [&] {
            if (second && setup_.does == scenario::part::install)
                (void)second->install({demo_requirement(setup_.folder.parent_path())});
        });
        attempt("execute_async", [&] {
            if (second)
                running = second->execute_async(command_spec{.arguments = {"sleep", "1000"}});
        });
        attempt("destroy", [&] {
            if (first)
                say(fmt::format("residue of the first: {}", first->destroy().residue.size()));
        });
        attempt("cleanup", [&] {
            if (second)
                (void)host.usage();
        });
        attempt("shutdown", [&] { (void)host.shutdown(); });
        attempt("the running command", [&] {
            if (running.valid())
                (void)running.get();
        });
    }

    void recover(runtime& host) {
        attempt("cleanup_orphans", [&] {
            for (const auto& receipt : host.cleanup_orphans())
                for (const auto& left : receipt.residue)
                    say(fmt::format("residue of {}: {} {}: {}", receipt.environment_id, left.kind, left.name,
                                    left.why));
        });
    }

    void attempt(const char* what, const std::function<void()>& call) {
        try {
            call();
        } catch (const std::exception& problem) { // a host that goes on, whatever it is told
            say(fmt::format("{}: {}", what, problem.what()));
        }
    }

    void say(std::string_view text) {
        std::scoped_lock lock{mutex_};
        report_ << text << std::endl; // at once: the next line may never come
    }

    const scenario& setup_;
    std::mutex mutex_;
    std::ofstream report_;
};

} // namespace

int play(const scenario& setup) {
    return player{setup}.play();
}

} // namespace gestvenv::faults
