// SPDX-License-Identifier: MIT
#include "system/launcher/launcher.hpp"

#include "messages/fault_point.hpp"
#include "system/isolation/privileges.hpp"
#include "system/launcher/abilities.hpp"
#include "system/launcher/environment_record.hpp"
#include "system/launcher/greeting.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/launcher/stray_hunt.hpp"
#include "system/launcher/usage_sampling.hpp"
#include "system/posix/file_size_limit.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/system_failure.hpp"
#include "system/process/answer_queue.hpp"
#include "system/process/protocol.hpp"
#include "system/storage/owner_marker.hpp"
#include "system/storage/storage_root.hpp"
#include "system/trial_record.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <memory>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

using clock = std::chrono::steady_clock;

// How long the undoing of everything may take after the runtime's death, before the launcher leaves the rest
// to the next start.
constexpr std::chrono::seconds farewell_limit{10};

class launcher {
public:
    explicit launcher(const launcher_options& options)
        : options_(options), channel_(descriptor{options.channel}),
          runtime_(options.runtime >= 0 ? process_handle{options.runtime_pid, descriptor{options.runtime}}
                                        : process_handle{options.runtime_pid, options.runtime_start}),
          lock_(options.lock) {}

    int run() {
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
        fault_point("launcher: everything is undone");
        send(protocol::encode(protocol::kind::farewell, quit_request_));
        flush();
        return 0;
    }

private:
    struct undoing {
        std::uint64_t request;
        helper_process process;
    };

    outcome<void> prepare() {
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
    outcome<void> make_sign_of_life() {
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
    void raise_own_limits() {
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

    void greet() {
        if (able_.mounts) {
            if (auto root = open_attach_root(options_.attach_root)) {
                attach_root_ = std::move(*root);
            } else {
                able_.limitations.push_back("no storage mounts: " + root.error().message);
                able_.mounts = false;
            }
        }
        send(protocol::encode(protocol::kind::greeting, 0, greeting_for(able_)));
    }

    std::string attach_path() const { return attach_path_in(options_.attach_root); }

    void step() {
        std::vector<pollfd> items{{signals_.get(), POLLIN, 0},
                                  {quitting_ ? -1 : runtime_.watched(), POLLIN, 0},
                                  {channel_gone_ ? -1 : channel_.get(),
                                   static_cast<short>(outgoing_.wants_room() ? POLLIN | POLLOUT : POLLIN),
                                   0}};
        auto wake = quitting_ ? farewell_deadline_ : clock::time_point::max();
        for (auto& [id, record] : table_) {
            if (record->removal_reader() >= 0)
                items.push_back({record->removal_reader(), POLLIN, 0});
            if (auto at = record->wake_at())
                wake = std::min(wake, *at);
        }
        if (auto at = strays_.wake_at())
            wake = std::min(wake, *at);
        if (auto at = outgoing_.wake_at())
            wake = std::min(wake, *at);
        for (auto& item : undoings_)
            items.push_back({item.process.reader(), POLLIN, 0});
        items.push_back({sampling_.reader(), POLLIN, 0});
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
        advance();
        sampling_.advance(table_, [this](std::uint64_t request, protocol::sampled result) {
            send(protocol::encode(protocol::kind::sampled, request, std::move(result)));
        });
        flush();
    }

    static int milliseconds_until(clock::time_point wake) {
        if (wake == clock::time_point::max())
            return -1;
        auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
    }

    // --- children
    // ---------------------------------------------------------------------------------------------

    void reap() {
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
                record->keeper_ended(strays_);
                break;
            }
        }
    }

    // A child that is neither a keeper nor a helper was left by a dead keeper.
    killing_pass kill_strays() {
        reap(); // what ends from now on may hide its children from the look
        std::vector<pid_t> ours;
        for (auto& [id, record] : table_) {
            ours.push_back(record->keeper_pid());
            ours.push_back(record->removal_pid());
        }
        for (auto& item : undoings_)
            ours.push_back(item.process.pid());
        ours.push_back(sampling_.pid());
        auto pass = kill_descendants_once(::getpid(), ours);
        reap(); // keepers that had ended when it looked
        // Those in an environment's group are waited for there.
        if (able_.cgroups)
            std::erase_if(pass.found,
                          [](const found_process& process) { return is_in_our_group(process.pid); });
        return pass;
    }

    // --- requests
    // ---------------------------------------------------------------------------------------------

    void serve() {
        for (;;) {
            channel::message message;
            auto got = channel_.receive(message);
            if (!got || *got == channel::status::closed) {
                // Without a channel nobody can ask for anything: as good as a dead runtime.
                channel_gone_ = true;
                quit(0);
                return;
            }
            if (*got == channel::status::would_block)
                return;
            std::string_view body = message.bytes;
            auto head = protocol::take_header(body);
            if (head && message.incomplete)
                refuse(head->request, std::move(*message.incomplete));
            else if (head)
                handle(*head, body);
        }
    }

    void handle(const protocol::header& head, std::string_view body) {
        using protocol::kind;
        switch (head.what) {
        case kind::set_layout:
            return with<protocol::set_layout>(head, body, &launcher::set_layout);
        case kind::create:
            return with<protocol::create>(head, body, &launcher::create);
        case kind::start_keeper:
            return with<protocol::start_keeper>(head, body, &launcher::start_keeper);
        case kind::keeper_taken:
            return with<protocol::keeper_taken>(head, body, &launcher::keeper_taken);
        case kind::end:
            return with<protocol::end>(head, body, &launcher::end);
        case kind::sample:
            return with<protocol::sample>(head, body, &launcher::sample);
        case kind::undo:
            return with<protocol::undo>(head, body, &launcher::undo);
        case kind::quit:
            return quit(head.request);
        default:
            refuse(head.request,
                   {error_code::invalid_argument, "the launcher does not know this request", {}, {}});
        }
    }

    template <class Body>
    void with(const protocol::header& head, std::string_view bytes,
              void (launcher::*handler)(std::uint64_t, Body)) {
        auto body = wire::from_bytes<Body>(bytes);
        if (!body)
            return refuse(head.request,
                          {error_code::invalid_argument, "the launcher got a malformed request", {}, {}});
        if (quitting_)
            return refuse(head.request, {error_code::shutting_down, "the launcher is ending", {}, {}});
        (this->*handler)(head.request, std::move(*body));
    }

    void set_layout(std::uint64_t request, protocol::set_layout body) {
        if (auto checked = python::check(body.layout); !checked)
            return refuse(request, checked.error());
        layouts_.insert_or_assign(body.layout_number, std::move(body.layout));
    }

    void create(std::uint64_t request, protocol::create body) {
        if (table_.contains(body.environment_id))
            return refuse(request,
                          {error_code::illegal_transition, "the environment exists already", {}, {}});
        const python::venv_layout* layout = nullptr;
        if (body.layout_number != 0) {
            auto found = layouts_.find(body.layout_number);
            if (found == layouts_.end())
                return refuse(request,
                              {error_code::invalid_argument, "the launcher has no such layout", {}, {}});
            layout = &found->second;
        }
        fault_point("launcher: is about to make a storage");
        auto storage = make_storage(body, layout, able_.mounts ? attach_path() : std::string{},
                                    [&] { return open_root(body.base_path); });
        if (!storage) {
            trials_.forget(); // what is recorded to work may have been taken away
            return refuse(request, storage.error());
        }
        fault_point("launcher: has made a storage");
        protocol::created answer;
        answer.storage_path = storage->visible_path;
        answer.host_path = storage->is_folder() ? storage->folder_path() + "/" + storage_folder_name
                                                : "/proc/" + std::to_string(::getpid()) + "/fd/" +
                                                      std::to_string(storage->folder.get());
        answer.storage_kind = storage->kind;
        auto id = body.environment_id;
        table_.emplace(id, std::make_unique<environment_record>(id, std::move(*storage)));
        send(protocol::encode(protocol::kind::created, request, std::move(answer)));
        fault_point("launcher: is about to answer for a storage");
    }

    // Shared by the environments below it, so that the last one to go lets the folder go too.
    outcome<std::shared_ptr<storage_root>> open_root(const std::string& path) {
        auto& known = roots_[path];
        if (auto root = known.lock())
            return root;
        auto opened = storage_root::open(path);
        if (!opened)
            return failure(opened.error());
        auto root = std::make_shared<storage_root>(std::move(*opened));
        known = root;
        return root;
    }

    void start_keeper(std::uint64_t request, protocol::start_keeper body) {
        auto found = table_.find(body.environment_id);
        if (found == table_.end())
            return refuse(request, {error_code::environment_gone, "the environment is gone", {}, {}});
        channel runtime_end;
        fault_point("launcher: is about to start a keeper");
        auto started = found->second->start_keeper(body, able_, self_, of_caller_, runtime_end);
        if (!started) {
            trials_.forget();
            return refuse(request, started.error());
        }
        send(protocol::encode(protocol::kind::keeper_started, request, std::move(*started)),
             runtime_end.release());
        fault_point("launcher: has started a keeper");
    }

    void keeper_taken(std::uint64_t, protocol::keeper_taken body) {
        if (auto found = table_.find(body.environment_id); found != table_.end())
            found->second->keeper_taken();
    }

    void end(std::uint64_t request, protocol::end body) {
        auto found = table_.find(body.environment_id);
        if (found == table_.end()) // idempotent: gone already is what was asked for
            return send(protocol::encode(protocol::kind::ended, request, protocol::ended{}));
        fault_point("launcher: is about to end an environment");
        found->second->begin_end(request, body.grace, strays_);
    }

    void sample(std::uint64_t request, protocol::sample body) {
        if (!sampling_.add(request, std::move(body)))
            refuse(request, {error_code::resources_exhausted, "too many samplings wait already", {}, {}});
    }

    void undo(std::uint64_t request, protocol::undo body) {
        auto started = helper_process::start([&body] { return carry_out(body); }, {});
        if (!started)
            return refuse(request, started.error());
        undoings_.push_back({request, std::move(*started)});
        fault_point("launcher: has begun to undo by path");
    }

    void quit(std::uint64_t request) {
        if (request != 0)
            quit_request_ = request;
        if (quitting_)
            return;
        quitting_ = true;
        fault_point("launcher: is about to undo everything");
        farewell_deadline_ = clock::now() + farewell_limit;
        for (auto& [id, record] : table_)
            record->begin_end(0, std::chrono::milliseconds{0}, strays_);
    }

    // --- progress
    // ---------------------------------------------------------------------------------------------

    void advance() {
        strays_.advance();
        for (auto item = table_.begin(); item != table_.end();) {
            auto& record = *item->second;
            if (record.ending())
                record.advance(strays_);
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

    void tidy_groups() const {
        if (able_.cgroups)
            able_.cgroups->tidy();
        for (const auto& tree : able_.version_one)
            tree.tidy();
    }

    void refuse(std::uint64_t request, error reason) {
        send(protocol::encode(protocol::kind::refused, request, protocol::refused{std::move(reason)}));
    }

    void send(std::string bytes, descriptor attached = {}) {
        if (!channel_gone_)
            outgoing_.push(std::move(bytes), std::move(attached));
    }

    void flush() {
        if (channel_gone_ || outgoing_.flush(channel_))
            return;
        channel_gone_ = true;
        outgoing_.clear();
        quit(0);
        advance(); // nothing else would wake us for what is undone already
    }

    launcher_options options_;
    channel channel_;
    process_handle runtime_;
    descriptor lock_; // held, never touched: it is free when runtime and launcher are both gone
    descriptor signals_;
    descriptor self_;
    descriptor life_;
    caller_limits of_caller_;
    trial_record trials_;
    abilities able_;
    storage_root attach_root_;
    std::map<std::string, std::weak_ptr<storage_root>> roots_;
    std::map<std::uint64_t, python::venv_layout> layouts_;
    std::map<std::string, std::unique_ptr<environment_record>> table_;
    stray_hunt strays_{[this] { return kill_strays(); }};
    std::vector<undoing> undoings_;
    usage_sampling sampling_;
    answer_queue outgoing_{[](std::uint64_t request, error why) {
        return protocol::encode(protocol::kind::refused, request, protocol::refused{std::move(why)});
    }};
    bool channel_gone_ = false;
    bool quitting_ = false;
    std::uint64_t quit_request_ = 0;
    clock::time_point farewell_deadline_;
};

} // namespace

int run_launcher(const launcher_options& options) {
    return launcher{options}.run();
}

} // namespace gestvenv
