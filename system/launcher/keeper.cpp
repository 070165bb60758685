// SPDX-License-Identifier: MIT
#include "system/launcher/keeper.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/command_start.hpp"
#include "system/launcher/keeper_process.hpp"
#include "system/launcher/process_tree.hpp"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace gestvenv {

namespace {

// How often the last descendants of a command that has ended are looked at, in milliseconds.
constexpr int descendants_interval = 1;

} // namespace

void keep(const keeper_setup& setup) {
    keeper_process{setup}.run();
}

void keeper_process::run() {
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

void keeper_process::step() {
    std::vector<pollfd> items{
        {signals_.get(), POLLIN, 0},
        {setup_.launcher->get(), POLLIN, 0},
        {setup_.runtime->get(), static_cast<short>(outgoing_.wants_room() ? POLLIN | POLLOUT : POLLIN), 0}};
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

int keeper_process::milliseconds_to_wait() const {
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

void keeper_process::end_with_launcher() {
    fault_point("keeper: the launcher is gone");
    if (setup_.in_force != containment::pid_namespace)
        kill_descendants(::getpid(), tree_limit);
    ::_exit(0);
}

void keeper_process::take_signals() {
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

void keeper_process::ask_all_to_end() {
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

void keeper_process::reap() {
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
            // A stopped guard sees no process end. Only its own program can have done it.
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
        found->result.user_time =
            std::chrono::seconds{usage.ru_utime.tv_sec} + std::chrono::microseconds{usage.ru_utime.tv_usec};
        found->result.system_time =
            std::chrono::seconds{usage.ru_stime.tv_sec} + std::chrono::microseconds{usage.ru_stime.tv_usec};
        found->result.peak_memory_bytes = usage.ru_maxrss * 1024;
        mark_ended(*found);
    }
}

// The last process is gone: tell what is to be told, then go too.
void keeper_process::finish() {
    fault_point("keeper: the last process is gone");
    for (auto& item : commands_)
        if (item.ended)
            tell_end(item);
    flush();
    ::_exit(0);
}

void keeper_process::mark_ended(command& item) {
    fault_point("keeper: a command has ended");
    item.ended = true;
    watch_.explain(item.before, item.killed, item.spec.settings, item.result);
    count_segments();
    item.result.command = item.number;
    item.result.duration = clock::now() - item.began;
    item.remove_overlays();
}

void keeper_process::read_report(command& item) {
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

void keeper_process::note_not_overlaid(command& item, const command_report& report) {
    const auto& folders = item.spec.overlays.folders;
    if (report.folder < folders.size())
        item.result.not_overlaid.push_back(folders[report.folder].folder +
                                           " has no overlay: " + describe(report.overlay));
}

// Tells the ends that can be told and forgets those commands.
void keeper_process::settle() {
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

void keeper_process::tell_stop(const command& item, int number) {
    if (item.number != 0)
        answer(protocol::encode(protocol::kind::stopped, 0, protocol::stopped{item.number, number}));
}

void keeper_process::tell_end(const command& item) {
    if (item.number != 0)
        answer(protocol::encode(protocol::kind::exited, item.request, item.result));
}

void keeper_process::answer(std::string bytes) {
    if (!runtime_gone_)
        outgoing_.push(std::move(bytes));
}

void keeper_process::flush() {
    if (outgoing_.flush(*setup_.runtime))
        return;
    runtime_gone_ = true;
    outgoing_.clear();
    setup_.runtime->reset(); // it would wait for answers
}

} // namespace gestvenv
