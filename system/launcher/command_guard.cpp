// SPDX-License-Identifier: MIT
#include "system/launcher/command_guard.hpp"

#include "system/launcher/clone.hpp"
#include "system/posix/close_descriptors.hpp"

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

// An order in the value of a queued signal: of those, unlike the others, none is lost.
struct guard_order {
    int number = 0;
    signal_target target = signal_target::program;
    bool moves_foreground = false;
    bool to_foreground = false;
    /// Whether it stays until the last descendant has ended, before it reports; else it reports.
    bool sets_waiting = false;
    bool waits_for_all = false;

    int value() const noexcept {
        return number | static_cast<int>(target) << 8 | int{moves_foreground} << 16 |
               int{to_foreground} << 17 | int{sets_waiting} << 18 | int{waits_for_all} << 19;
    }
    static guard_order of(int value) noexcept {
        return {value & 0xFF,           static_cast<signal_target>(value >> 8 & 0xFF),
                (value >> 16 & 1) != 0, (value >> 17 & 1) != 0,
                (value >> 18 & 1) != 0, (value >> 19 & 1) != 0};
    }
};

void send(pid_t guard, const guard_order& order) {
    sigval value{};
    value.sival_int = order.value();
    // Fails where too many are queued already, or the guard is gone: then there is nothing to signal.
    (void)::sigqueue(guard, SIGRTMIN, value);
}

class guard {
public:
    guard(const guard_descriptors& kept, pid_t program, pid_t keeper)
        : kept_(kept), program_(program), keeper_(keeper) {}

    // All signals are blocked, as in the keeper, and so wait until they are taken.
    [[noreturn]] void run() {
        sigset_t all;
        ::sigfillset(&all);
        for (;;) {
            siginfo_t info{};
            if (::sigwaitinfo(&all, &info) < 0)
                continue; // EINTR, after a stop
            if (info.si_signo == SIGCHLD)
                reap();
            else if (info.si_signo == SIGRTMIN && info.si_code == SI_QUEUE && info.si_pid == keeper_)
                obey(guard_order::of(info.si_value.sival_int));
            else if (info.si_signo == SIGHUP && info.si_code == SI_KERNEL && !ended_)
                hang_up();
        }
    }

private:
    void reap() {
        for (;;) {
            int status = 0;
            rusage usage{};
            auto pid = ::wait4(-1, &status, WNOHANG | WUNTRACED, &usage);
            if (pid < 0 && errno == EINTR)
                continue;
            if (pid < 0 && ended_)
                finish(); // the last one is gone
            if (pid <= 0)
                return;
            if (pid == program_)
                note(status, usage);
        }
    }

    void note(int status, const rusage& usage) {
        command_report report;
        report.program = program_;
        report.wait_status = status;
        if (WIFSTOPPED(status)) {
            report.what = command_report::kind::stopped;
            tell(report);
            return;
        }
        report.what = command_report::kind::ended;
        report.user_microseconds = usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec;
        report.system_microseconds = usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec;
        report.peak_kilobytes = usage.ru_maxrss;
        end_ = report;
        ended_ = true;
        if (!waits_for_all_)
            finish();
    }

    [[noreturn]] void finish() {
        tell(end_);
        ::_exit(0);
    }

    // The keeper is gone when this fails, and so are we soon.
    void tell(const command_report& report) const { (void)!::write(kept_.reports, &report, sizeof report); }

    void obey(const guard_order& order) {
        if (order.sets_waiting) {
            waits_for_all_ = order.waits_for_all;
            if (ended_ && !waits_for_all_)
                finish();
        }
        if (order.moves_foreground && kept_.terminal >= 0)
            ::tcsetpgrp(kept_.terminal, order.to_foreground ? program_ : ::getpgrp());
        if (order.number == 0 || ended_)
            return;
        switch (order.target) {
        case signal_target::program:
            ::kill(program_, order.number);
            return;
        case signal_target::group:
            ::kill(-program_, order.number);
            return;
        case signal_target::foreground_group: {
            auto group = kept_.terminal >= 0 ? ::tcgetpgrp(kept_.terminal) : -1;
            // None, or the guard's own: the program has been put into the background.
            ::kill(group > 1 && group != ::getpgrp() ? -group : -program_, order.number);
            return;
        }
        }
    }

    // The terminal is gone: the kernel tells the leader of its session alone, who tells its jobs.
    void hang_up() const {
        ::kill(-program_, SIGHUP);
        ::kill(-program_, SIGCONT);
    }

    guard_descriptors kept_;
    pid_t program_;
    pid_t keeper_;
    bool waits_for_all_ = false;
    bool ended_ = false;
    command_report end_;
};

} // namespace

void guard_program(const guard_descriptors& kept, const std::function<void()>& become) {
    ::prctl(PR_SET_NAME, "gestvenv-guard");
    // Its program has the same user id, and could take its place by ptrace(2).
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (kept.terminal >= 0 && (::setsid() < 0 || ::ioctl(kept.terminal, TIOCSCTTY, 0) < 0))
        give_up(kept.reports, command_report::stage::terminal, errno);
    const auto keeper = ::getppid();
    auto child = clone_process(CLONE_CLEAR_SIGHAND, -1, false);
    if (!child)
        give_up(kept.reports, command_report::stage::clone, EAGAIN);
    if (child->pid == 0) {
        become();
        ::_exit(127); // not reached
    }
    ::setpgid(child->pid, child->pid); // as the child does: a signal for the group may come before it has run
    std::vector<int> open{kept.reports};
    if (kept.terminal >= 0)
        open.push_back(kept.terminal);
    close_all_but(std::move(open));
    guard{kept, child->pid, keeper}.run();
}

void signal_by_guard(pid_t guard, const protocol::signal& what) {
    send(guard, {what.number, what.target, what.foreground.has_value(), what.foreground.value_or(false)});
}

void let_guard_wait(pid_t guard, bool for_all) {
    send(guard, {0, signal_target::program, false, false, true, for_all});
}

} // namespace gestvenv
