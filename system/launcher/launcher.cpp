// SPDX-License-Identifier: MIT
#include "system/launcher/launcher.hpp"

#include "messages/fault_point.hpp"
#include "system/isolation/privileges.hpp"
#include "system/launcher/greeting.hpp"
#include "system/launcher/launcher_process.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/posix/file_size_limit.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/time_slice.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace gestvenv {

int run_launcher(const launcher_options& options) {
    return launcher_process{options}.run();
}

int launcher_process::run() {
    fault_point("launcher: starts");
    if (auto prepared = prepare(); !prepared) {
        refuse(0, prepared.error());
        flush();
        return 1;
    }
    greet();
    fault_point("launcher: is about to say that it is ready");
    while (!(quitting_ && table_.empty() && undoings_.empty()) &&
           !(quitting_ && clock::now() >= farewell_deadline_))
        step();
    // Also what an earlier launcher could not remove, where this one has made no group.
    tidy_groups();
    fault_point("launcher: everything is undone");
    send(protocol::encode(protocol::kind::farewell, quit_request_));
    flush();
    return 0;
}

outcome<void> launcher_process::prepare() {
    ::prctl(PR_SET_NAME, "gestvenv-launch");
    ::umask(022);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    // What a host program ignores would be ignored by every command.
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    raise_own_limits();
    // Before the subreaper is set: the children that try things must not leave us theirs.
    trials_ = trial_record{options_.trials, trial_record::situation(to_string(options_.limit))};
    auto able = find_abilities(options_.limit, trials_);
    if (!able)
        return failure(able.error());
    able_ = std::move(*able);
    trials_.write();
    (void)capabilities_to_drop(); // looked up once, for all keepers
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    signals_ = descriptor{::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!signals_)
        return system_failure(errno, "the launcher cannot take signals");
    return make_sign_of_life();
}

// What keepers see our end by: our pidfd, or a pipe whose other end only we hold.
outcome<void> launcher_process::make_sign_of_life() {
    self_ = descriptor{static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))};
    if (self_)
        return {};
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        return system_failure(errno, "the launcher cannot create a pipe");
    self_ = descriptor{ends[0]};
    life_ = descriptor{ends[1]};
    return {};
}

// Commands get what the calling program has.
void launcher_process::raise_own_limits() {
    of_caller_.time_slice = shorten_time_slice();
    if (options_.time_slice)
        of_caller_.time_slice = options_.time_slice;
    ::getrlimit(RLIMIT_NOFILE, &of_caller_.open_files);
    ::getrlimit(RLIMIT_FSIZE, &of_caller_.file_size);
    ::getrlimit(RLIMIT_CPU, &of_caller_.cpu_time);
    if (options_.file_size)
        of_caller_.file_size = *options_.file_size;
    auto raised = of_caller_.open_files;
    raised.rlim_cur = raised.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &raised);
    lift_file_size_limit();
}

void launcher_process::greet() {
    if (able_.mounts) {
        if (auto root = open_attach_root(options_.attach_root, options_.spare_root)) {
            attach_root_ = std::move(*root);
        } else {
            able_.limitations.push_back("no storage mounts: " + root.error().message);
            able_.mounts = false;
        }
    }
    send(protocol::encode(protocol::kind::greeting, 0, greeting_for(able_)));
}

std::string launcher_process::attach_path() const {
    return attach_path_in(options_.attach_root);
}

void launcher_process::step() {
    std::vector<pollfd> items{{signals_.get(), POLLIN, 0},
                              {quitting_ ? -1 : runtime_.watched(), POLLIN, 0},
                              {channel_gone_ ? -1 : channel_.get(),
                               static_cast<short>(outgoing_.wants_room() ? POLLIN | POLLOUT : POLLIN), 0}};
    auto wake = quitting_ ? farewell_deadline_ : clock::time_point::max();
    for (auto& [id, record] : table_) {
        if (record->removal_reader() >= 0)
            items.push_back({record->removal_reader(), POLLIN, 0});
        if (auto at = record->wake_at())
            wake = std::min(wake, *at);
    }
    if (auto at = orphans_.wake_at())
        wake = std::min(wake, *at);
    if (auto at = outgoing_.wake_at())
        wake = std::min(wake, *at);
    for (auto& item : undoings_)
        items.push_back({item.process.reader(), POLLIN, 0});
    items.push_back({sampling_.reader(), POLLIN, 0});
    for (auto reader : listings_.readers())
        items.push_back({reader, POLLIN, 0});
    if (auto at = listings_.wake_at())
        wake = std::min(wake, *at);
    if (sampling_.ready())
        wake = clock::now();
    const bool look_at_runtime = !quitting_ && runtime_.watched() < 0;
    if (look_at_runtime)
        wake = std::min(wake, clock::now() + look_interval);
    if (::poll(items.data(), items.size(), milliseconds_until(wake)) < 0 && errno != EINTR)
        quit(0); // descriptors or memory are exhausted beyond repair: undo everything while we can
    if (items[0].revents != 0)
        reap();
    if (items[1].revents != 0 || (look_at_runtime && has_ended(runtime_)))
        quit(0);
    if (items[2].revents != 0)
        serve();
    if (quitting_)
        terminal_.restore();
    advance();
    sampling_.advance(table_, [this](std::uint64_t request, protocol::sampled result) {
        send(protocol::encode(protocol::kind::sampled, request, std::move(result)));
    });
    listings_.advance([this](std::uint64_t request, outcome<protocol::listed> result) {
        if (result)
            send(protocol::encode(protocol::kind::listed, request, std::move(*result)));
        else
            refuse(request, result.error());
    });
    flush();
}

int launcher_process::milliseconds_until(clock::time_point wake) {
    if (wake == clock::time_point::max())
        return -1;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
}

void launcher_process::reap() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    }
    for (;;) {
        auto pid = ::waitpid(-1, nullptr, WNOHANG);
        if (pid < 0 && errno == EINTR)
            continue; // what has ended is told of once
        if (pid <= 0)
            break;
        for (auto& [id, record] : table_) {
            if (record->keeper_pid() != pid)
                continue;
            record->keeper_ended(orphans_);
            break;
        }
    }
}

// A child that is neither a keeper nor a helper was left by a dead keeper.
killing_pass launcher_process::kill_orphans() {
    reap(); // what ends from now on may hide its children from the look
    std::vector<pid_t> ours;
    for (auto& [id, record] : table_) {
        ours.push_back(record->keeper_pid());
        ours.push_back(record->removal_pid());
    }
    for (auto& item : undoings_)
        ours.push_back(item.process.pid());
    ours.push_back(sampling_.pid());
    for (auto pid : listings_.pids())
        ours.push_back(pid);
    auto pass = kill_descendants_once(::getpid(), ours);
    reap(); // keepers that had ended when it looked
    // Those in an environment's group are waited for there.
    if (able_.cgroups)
        std::erase_if(pass.found, [](const found_process& process) { return is_in_our_group(process.pid); });
    return pass;
}

void launcher_process::advance() {
    orphans_.advance();
    for (auto item = table_.begin(); item != table_.end();) {
        auto& record = *item->second;
        if (record.ending())
            record.advance(orphans_);
        if (!record.finished()) {
            ++item;
            continue;
        }
        auto report = record.report();
        fault_point("launcher: has ended an environment");
        bool clean = report.residue.empty();
        if (auto request = record.take_request(); request != 0)
            send(protocol::encode(protocol::kind::ended, request, std::move(report)));
        // What could not be removed stays in the table, for the next request to try again.
        if (!clean && !quitting_) {
            ++item;
            continue;
        }
        item = table_.erase(item);
        if (table_.empty())
            tidy_groups();
    }
    std::erase_if(undoings_, [this](undoing& item) {
        if (!item.process.read())
            return false;
        fault_point("launcher: has undone by path");
        send(protocol::encode(protocol::kind::undone, item.request, item.process.report()));
        return true;
    });
}

void launcher_process::tidy_groups() const {
    if (able_.cgroups)
        able_.cgroups->tidy();
    for (const auto& tree : able_.version_one)
        tree.tidy();
}

void launcher_process::send(std::string bytes, descriptor attached) {
    if (!channel_gone_)
        outgoing_.push(std::move(bytes), std::move(attached));
}

void launcher_process::flush() {
    if (channel_gone_ || outgoing_.flush(channel_))
        return;
    channel_gone_ = true;
    outgoing_.clear();
    quit(0);
    advance(); // nothing else would wake us for what is undone already
}

} // namespace gestvenv
