// SPDX-License-Identifier: MIT
#include "system/launcher/keeper.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/command_start.hpp"
#include "system/launcher/keeper_birth.hpp"
#include "system/launcher/keeper_command.hpp"
#include "system/launcher/limit_watch.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/launcher/system_v_segments.hpp"
#include "system/posix/system_failure.hpp"
#include "system/process/answer_queue.hpp"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <deque>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tree_limit{5000};
// How often the processes of an environment are counted while there are any.
constexpr std::chrono::milliseconds count_interval{200};
// How often the last descendants of a command that has ended are looked at, in milliseconds.
constexpr int descendants_interval = 1;

using command = keeper_command;

class keeper {
public:
    explicit keeper(const keeper_setup& setup) : setup_(setup), watch_(setup) {}

    [[noreturn]] void run() {
        fault_point("keeper: is born");
        prepare_keeper(setup_, shm_);
        fault_point("keeper: has its namespaces");
        // Without its limits nothing is run: the failure answers every command.
        limits_entered_ = enter_limits(setup_);
        sigset_t all;
        ::sigfillset(&all);
        signals_ = descriptor{::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK)};
        if (!signals_)
            ::_exit(1);
        tie_to_launcher(setup_);
        fault_point("keeper: is tied to the launcher");
        setup_.page->ready.store(true);
        for (;;)
            step();
    }

private:
    void step() {
        std::vector<pollfd> items{{signals_.get(), POLLIN, 0},
                                  {setup_.launcher->get(), POLLIN, 0},
                                  {setup_.runtime->get(),
                                   static_cast<short>(outgoing_.wants_room() ? POLLIN | POLLOUT : POLLIN),
                                   0}};
        for (auto& item : commands_)
            items.push_back({item.reports ? item.reports.get() : -1, POLLIN, 0});
        if (runtime_gone_)
            items[2].fd = -1;
        if (::poll(items.data(), items.size(), milliseconds_to_wait()) < 0 && errno != EINTR)
            ::_exit(1);
        if (items[1].revents != 0)
            end_with_launcher();
        for (std::size_t i = 3; i < items.size(); ++i)
            if (items[i].revents != 0)
                read_report(commands_[i - 3]);
        if (items[0].revents != 0)
            take_signals();
        if (!runtime_gone_ && items[2].revents != 0)
            serve();
        for (auto& item : commands_)
            if (item.kill_at && item.number != 0 && clock::now() >= *item.kill_at)
                item.kill();
        settle();
        if (counting_ && clock::now() >= next_count_)
            look();
        flush();
    }

    int milliseconds_to_wait() const {
        auto wake = outgoing_.wake_at();
        if (counting_)
            wake = std::min(next_count_, wake.value_or(next_count_));
        for (const auto& item : commands_) {
            if (item.ended)
                return descendants_interval; // for their end
            if (item.kill_at && item.number != 0)
                wake = std::min(*item.kill_at, wake.value_or(*item.kill_at));
        }
        if (!wake)
            return -1;
        auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - clock::now()).count();
        return static_cast<int>(std::max<std::int64_t>(left, 0));
    }

    [[noreturn]] void end_with_launcher() {
        fault_point("keeper: the launcher is gone");
        if (setup_.in_force != containment::pid_namespace)
            kill_descendants(::getpid(), tree_limit);
        ::_exit(0);
    }

    void take_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            switch (info.ssi_signo) {
            case SIGCHLD:
                break;
            case SIGTERM:
                ask_all_to_end();
                break;
            case SIGQUIT:
                setup_.page->processes_at_end.store(
                    static_cast<std::int64_t>(living_descendants(::getpid()).size()));
                kill_descendants(::getpid(), tree_limit);
                ending_ = true;
                break;
            default:
                break;
            }
        }
        reap();
    }

    void ask_all_to_end() {
        ending_ = true;
        count_segments();
        fault_point("keeper: is about to ask all to end");
        setup_.page->processes_at_end.store(static_cast<std::int64_t>(living_descendants(::getpid()).size()));
        // A stopped process must run to see the request.
        if (setup_.in_force == containment::pid_namespace) {
            ::kill(-1, SIGTERM);
            ::kill(-1, SIGCONT);
        } else {
            signal_descendants(::getpid(), SIGTERM);
            signal_descendants(::getpid(), SIGCONT);
        }
    }

    void reap() {
        for (;;) {
            int status = 0;
            rusage usage{};
            auto pid = ::wait4(-1, &status, WNOHANG | WUNTRACED, &usage);
            if (pid < 0 && errno == EINTR)
                continue; // what has ended is told of once
            if (pid < 0 && errno == ECHILD && ending_)
                finish();
            if (pid <= 0)
                return;
            setup_.page->note(pid);
            for (auto& item : commands_)
                if (item.remover == pid)
                    item.remover = -1;
            auto found = std::find_if(commands_.begin(), commands_.end(),
                                      [pid](const command& item) { return item.pid == pid; });
            if (WIFSTOPPED(status)) {
                // A stopped guard sees nobody end. Only its own program can have done it.
                if (found != commands_.end() && found->guarded)
                    ::kill(pid, SIGCONT);
                else if (found != commands_.end())
                    tell_stop(*found, WSTOPSIG(status));
                continue;
            }
            if (found == commands_.end())
                continue;
            read_report(*found);
            if (found->ended || found->number == 0)
                continue;
            // The program itself ended, or its guard was killed before it could report.
            if (!found->group)
                kill_unguarded();
            found->result.wait_status = status;
            found->result.user_time = std::chrono::seconds{usage.ru_utime.tv_sec} +
                                      std::chrono::microseconds{usage.ru_utime.tv_usec};
            found->result.system_time = std::chrono::seconds{usage.ru_stime.tv_sec} +
                                        std::chrono::microseconds{usage.ru_stime.tv_usec};
            found->result.peak_memory_bytes = usage.ru_maxrss * 1024;
            mark_ended(*found);
        }
    }

    // The last process is gone: tell what is to be told, then go too.
    [[noreturn]] void finish() {
        fault_point("keeper: the last process is gone");
        for (auto& item : commands_)
            if (item.ended)
                tell_end(item);
        flush();
        ::_exit(0);
    }

    void mark_ended(command& item) {
        fault_point("keeper: a command has ended");
        item.ended = true;
        watch_.explain(item.before, item.killed, item.result);
        count_segments();
        item.result.command = item.number;
        item.result.duration = clock::now() - item.began;
        item.remove_overlays();
    }

    void read_report(command& item) {
        while (item.reports) {
            command_report report;
            auto got = ::read(item.reports.get(), &report, sizeof report);
            if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
            if (got != sizeof report) {
                item.reports.reset();
                return;
            }
            if (report.what == command_report::kind::not_overlaid) {
                note_not_overlaid(item, report);
                continue;
            }
            if (report.what == command_report::kind::not_executed) {
                item.remove_overlays();
                answer(protocol::encode(protocol::kind::not_started, item.request,
                                        protocol::not_started{item.number, explain(report, item.spec)}));
                item.number = 0; // told; the child itself is reaped silently
                item.reports.reset();
                return;
            }
            if (report.what == command_report::kind::stopped) {
                tell_stop(item, WSTOPSIG(report.wait_status));
                continue;
            }
            setup_.page->note(report.program);
            item.result.wait_status = report.wait_status;
            item.result.user_time = std::chrono::microseconds{report.user_microseconds};
            item.result.system_time = std::chrono::microseconds{report.system_microseconds};
            item.result.peak_memory_bytes = report.peak_kilobytes * 1024;
            mark_ended(item);
            item.reports.reset();
        }
    }

    static void note_not_overlaid(command& item, const command_report& report) {
        const auto& folders = item.spec.overlays.folders;
        if (report.folder < folders.size())
            item.result.not_overlaid.push_back(folders[report.folder].folder +
                                               " has no overlay: " + describe(report.overlay));
    }

    void serve() {
        for (;;) {
            channel::message message;
            auto got = setup_.runtime->receive(message);
            if (!got || *got == channel::status::closed) {
                // The launcher decides what happens to an environment without a runtime; commands go on until
                // then.
                runtime_gone_ = true;
                return;
            }
            if (*got == channel::status::would_block)
                return;
            std::string_view body = message.bytes;
            auto head = protocol::take_header(body);
            if (!head)
                continue;
            if (message.incomplete)
                refuse(head->request, head->request, std::move(*message.incomplete));
            else if (head->what == protocol::kind::run)
                begin(head->request, body, message.descriptors);
            else if (head->what == protocol::kind::signal)
                signal(body);
            else if (head->what == protocol::kind::kill)
                kill(body);
        }
    }

    void begin(std::uint64_t request, std::string_view body, const std::vector<descriptor>& streams) {
        auto spec = wire::from_bytes<protocol::run>(body);
        if (!spec || spec->arguments.empty() ||
            streams.size() != 3 + spec->passed.size() + (spec->terminal ? 1 : 0)) {
            refuse(request, 0, {error_code::invalid_argument, "the keeper got a malformed command", {}, {}});
            return;
        }
        if (!limits_entered_)
            return refuse(request, spec->command, limits_entered_.error());
        if (ending_)
            return refuse(request, spec->command,
                          {error_code::environment_gone, "the environment is being torn down", {}, {}});
        fault_point("keeper: is about to start a command");
        command item;
        item.number = spec->command;
        item.request = request;
        item.began = clock::now();
        item.before = watch_.now();
        show_what_is_named(*spec);
        command_place place;
        place.shared_memory_of_host = shm_.host();
        place.shared_memory_path = shm_.path();
        if (setup_.group != nullptr) {
            auto group = setup_.group->make("command-" + std::to_string(spec->command));
            if (!group)
                return refuse(request, spec->command, group.error());
            item.group = std::move(*group);
            place.group = &item.group;
        } else {
            place.guard = true;
        }
        std::size_t next = 3;
        if (spec->terminal) {
            place.guard = true;
            place.terminal = streams[next++].get();
        }
        for (; next < streams.size(); ++next)
            place.passed.push_back(streams[next].get());
        auto child = start_command(*spec, {streams[0].get(), streams[1].get(), streams[2].get()}, place);
        if (!child) {
            if (item.group)
                (void)item.group.remove(); // teardown removes what is left of it
            return refuse(request, spec->command, child.error());
        }
        fault_point("keeper: has started a command");
        item.pid = child->pid;
        item.guarded = place.guard;
        setup_.page->note(item.pid);
        item.reports = std::move(child->reports);
        item.spec = std::move(*spec);
        commands_.push_back(std::move(item));
        begin_counting();
    }

    void kill(std::string_view body) {
        auto order = wire::from_bytes<protocol::kill>(body);
        if (!order)
            return;
        auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [&](const command& item) { return item.number == order->command; });
        if (found != commands_.end()) // otherwise it ended at the same moment
            found->ask_to_end(order->grace);
    }

    void signal(std::string_view body) {
        auto order = wire::from_bytes<protocol::signal>(body);
        if (!order)
            return;
        auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [&](const command& item) { return item.number == order->command; });
        if (found != commands_.end())
            found->signal(*order);
    }

    void begin_counting() {
        if (counting_)
            return;
        counting_ = true;
        next_count_ = clock::now() + pause();
        next_processes_ = clock::now() + count_interval;
    }

    clock::duration pause() const {
        return watch_.wants_looks() ? std::min(watch_.look_interval(), count_interval) : count_interval;
    }

    // What somebody has made is known as the environment's by the number of its process alone.
    bool knows_by_number() const noexcept { return setup_.in_force != containment::pid_namespace; }

    // The caller's folders and files in /dev/shm, where a private one is over it.
    void show_what_is_named(const protocol::run& spec) {
        if (shm_.host() < 0)
            return;
        int shown = shm_.show_named(spec.working_directory + "/");
        for (const auto& argument : spec.arguments)
            shown += shm_.show_named(argument);
        for (const auto& [name, value] : spec.variables)
            shown += shm_.show_named(value);
        setup_.page->files_shown.fetch_add(shown);
    }

    // For the receipt: they go with the namespace.
    void count_segments() {
        if (setup_.own_ipc)
            setup_.page->segments.store(segments_in_this_namespace());
    }

    void note_processes(const std::vector<pid_t>& all) {
        for (auto pid : all)
            setup_.page->note(pid);
    }

    void look() {
        const auto now = clock::now();
        next_count_ = now + pause();
        watch_.look();
        if (now < next_processes_)
            return;
        next_processes_ = now + count_interval;
        if (setup_.limits.processes > 0 || knows_by_number())
            count_processes();
        else
            counting_ = !commands_.empty();
    }

    // The kernel bounds threads, not processes; so the command that has most of too many is killed.
    void count_processes() {
        if (knows_by_number())
            note_processes(setup_.group != nullptr ? setup_.group->processes()
                                                   : living_descendants(::getpid()));
        auto all = setup_.group != nullptr ? setup_.group->count() - 1
                                           : static_cast<std::int64_t>(living_descendants(::getpid()).size());
        all -= std::count_if(commands_.begin(), commands_.end(), [](const command& item) {
            return item.guarded && item.number != 0 && !item.ended;
        });
        counting_ = all > 0 || !commands_.empty();
        if (setup_.limits.processes == 0 || all <= setup_.limits.processes)
            return;
        command* largest = nullptr;
        std::int64_t most = 0;
        auto left_behind = all;
        for (auto& item : commands_) {
            auto its = item.processes();
            left_behind -= its;
            if (its > most) {
                most = its;
                largest = &item;
            }
        }
        if (left_behind > most)
            return kill_left_behind();
        if (largest == nullptr)
            return;
        largest->result.too_many_processes = true;
        largest->result.limits_reached.push_back(
            {"max_processes", all, setup_.limits.processes, "processes", true});
        largest->kill();
    }

    // What ended commands have left running, nothing waits for.
    void kill_left_behind() {
        if (setup_.group == nullptr)
            return kill_unguarded();
        for (auto& group : lingering_)
            (void)group.kill(); // tried again at the next count
    }

    // Whose they were cannot be told: what ended commands left running, and all of a command that has killed
    // its guard, and would so be out of reach of its timeout.
    void kill_unguarded() {
        std::vector<pid_t> guards;
        for (auto& item : commands_)
            guards.push_back(item.pid);
        kill_descendants(::getpid(), tree_limit, guards);
    }

    // Tells the ends that can be told and forgets those commands.
    void settle() {
        for (auto& item : commands_) {
            if (!item.ended)
                continue;
            if (item.waits_for_descendants(clock::now()))
                continue;
            if (item.remover > 0 && clock::now() < item.removal_deadline)
                continue;
            tell_end(item);
            item.number = 0;
            item.ended = false;
        }
        // A group outlives its command while the command left processes behind; it is tried again after each
        // later command, and teardown removes the rest.
        for (auto& group : lingering_)
            if (!group.populated() && group.remove())
                group = {};
        std::erase_if(lingering_, [](const cgroup& group) { return !group; });
        for (auto& item : commands_) {
            if (item.number != 0 || item.reports)
                continue;
            if (item.group && !item.group.remove())
                lingering_.push_back(std::move(item.group));
            item.pid = -1;
        }
        std::erase_if(commands_, [](const command& item) { return item.number == 0 && item.pid == -1; });
    }

    void tell_stop(const command& item, int number) {
        if (item.number != 0)
            answer(protocol::encode(protocol::kind::stopped, 0, protocol::stopped{item.number, number}));
    }

    void tell_end(const command& item) {
        if (item.number != 0)
            answer(protocol::encode(protocol::kind::exited, item.request, item.result));
    }

    void refuse(std::uint64_t request, std::uint64_t number, error reason) {
        answer(protocol::encode(protocol::kind::not_started, request,
                                protocol::not_started{number, std::move(reason)}));
    }

    void answer(std::string bytes) {
        if (!runtime_gone_)
            outgoing_.push(std::move(bytes));
    }

    void flush() {
        if (outgoing_.flush(*setup_.runtime))
            return;
        runtime_gone_ = true;
        outgoing_.clear();
        setup_.runtime->reset(); // it would wait for answers
    }

    const keeper_setup& setup_;
    descriptor signals_;
    // Few at a time, and references into it are held across push_back nowhere: a deque keeps both simple.
    std::deque<command> commands_;
    std::vector<cgroup> lingering_;
    answer_queue outgoing_{[](std::uint64_t request, error why) {
        return protocol::encode(protocol::kind::not_started, request,
                                protocol::not_started{request, std::move(why)});
    }};
    outcome<void> limits_entered_;
    bool counting_ = false;
    clock::time_point next_count_;
    clock::time_point next_processes_;
    limit_watch watch_;
    shared_memory_view shm_;
    bool ending_ = false;
    bool runtime_gone_ = false;
};

} // namespace

void keep(const keeper_setup& setup) {
    keeper{setup}.run();
}

} // namespace gestvenv
