// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_rig.hpp"

#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/program_start.hpp"
#include "tools/faults/harness/rig_support.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using namespace std::chrono_literals;

// Far above anything that is meant to happen: what takes longer hangs.
constexpr auto longest_start = 30s;
constexpr auto longest_use = 60s;
constexpr auto longest_tool = 90s;
constexpr auto pause_when_stopped = 200ms;

// They end by themselves, and not with the node.
bool is_short(node_client kind, std::size_t number) {
    switch (kind) {
    case node_client::streamer:
    case node_client::stopped_reader:
    case node_client::holder:
        return false;
    case node_client::owner:
        return number % 2 == 1;
    default:
        return true;
    }
}

node_cycle quiet_cycle() {
    return {};
}

} // namespace

node_rig::node_rig(const programs& built, const files::path& place) : rig(built, place) {}

void node_rig::prepare() {
    clear();
    files::create_directories(work_ / "state");
    files::create_directories(work_ / "clients");
    files::create_directories(work_ / "run");
    if (::chmod((work_ / "run").c_str(), 0700) != 0)
        throw std::runtime_error{"cannot make a runtime folder"};
    node_ = -1;
    node_status_.reset();
    ready_.reset();
    clients_.clear();
    tools_.clear();
    strike_at_.reset();
    continue_at_.reset();
    struck_ = false;
    watch_.reset();
}

void node_rig::plan_strike(const node_cycle& what) {
    cycle planned;
    planned.step = what.step;
    planned.occurrence = what.occurrence;
    if (!what.step.empty() && what.strike != node_strike::none)
        // Any of those that call for the rig, which knows better what to do.
        planned.kind = what.strike == node_strike::injected ? what.injected : fault_kind::kill_all;
    plan(planned);
}

std::vector<std::string> node_rig::variables() const {
    return {"HOME=" + (folder_ / "home").string(), "PATH=/usr/local/bin:/usr/bin:/bin",
            "XDG_STATE_HOME=" + (work_ / "state").string(), "XDG_RUNTIME_DIR=" + (work_ / "run").string()};
}

void node_rig::start_node() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::runtime_error{"cannot make a pipe"};
    ready_ = descriptor{ends[0]};
    const descriptor said{::fcntl(ends[1], F_DUPFD_CLOEXEC, 64)};
    ::close(ends[1]);
    node_ = start_program({(folder_ / "subject").string(), "node", "start", "--foreground",
                           "--ready-descriptor", std::to_string(ready_number)},
                          variables(), work_ / "node.log", said.get());
}

void node_rig::start_client(const node_cycle& what, node_client kind, std::size_t number) {
    client_scene scene;
    scene.kind = kind;
    scene.number = number;
    scene.folder = work_ / "clients";
    scene.socket = socket();
    scene.program = quiet_ / "subject";
    scene.variables = variables();
    scene.undisturbed = disturbs_nothing(what.strike) && !what.started_by_clients;
    const auto pid = ::fork();
    if (pid < 0)
        throw std::runtime_error{"cannot fork"};
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        ::setpgid(0, 0);
        be_client(scene);
    }
    ::setpgid(pid, pid); // whichever of both comes first
    clients_.emplace(pid, child{kind, number});
}

void node_rig::reap() {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (ended == node_)
            node_status_ = status;
        else if (auto known = clients_.find(ended); known != clients_.end()) {
            known->second.ended = true;
            known->second.status = status;
        } else if (auto tool = tools_.find(ended); tool != tools_.end())
            tool->second = status;
    }
}

pid_t node_rig::node_now() const {
    if (node_ > 0)
        return node_status_ ? -1 : node_;
    const auto record = content_of(state() / "node.json");
    constexpr std::string_view key = "\"pid\": ";
    const auto at = record.find(key);
    pid_t pid = -1;
    if (at != std::string::npos)
        std::from_chars(record.data() + at + key.size(), record.data() + record.size(), pid);
    const auto seen = pid > 0 ? look_at(pid) : std::nullopt;
    return seen && seen->lives() ? pid : -1;
}

pid_t node_rig::launcher_now() const {
    const auto node = node_now();
    if (node <= 0)
        return plan_->launcher.load();
    // It has no parent but who takes orphans in; its words name the program that it belongs to.
    const auto named = std::string(1, '\0') + std::to_string(node) + std::string(1, '\0');
    for (const auto& below : living_below(::getpid())) {
        const auto words = content_of(fmt::format("/proc/{}/cmdline", below.pid));
        if (words.find("gestvenv-launcher") != words.npos && words.find(named) != words.npos &&
            !is_keeper(below.pid))
            return below.pid;
    }
    return plan_->launcher.load();
}

void node_rig::strike(const node_cycle& what) {
    const auto node = node_now();
    const auto launcher = launcher_now();
    // Before it is looked who is to die: a keeper that begins in between is killed and not watched.
    if (kills(what.strike) && what.strike != node_strike::stop_and_kill) {
        plan_->launcher = launcher;
        begin_watch();
    }
    std::vector<pid_t> dying;
    if (kills_keepers(what.strike) && launcher > 0)
        for (const auto& below : living_below(launcher))
            if (is_keeper(below.pid))
                dying.push_back(below.pid);
    if (kills_node(what.strike))
        dying.push_back(node);
    if (kills_launcher(what.strike))
        dying.push_back(launcher);
    if (kills_clients(what.strike))
        for (auto& [pid, client] : clients_)
            if (!client.ended) {
                client.killed = true;
                dying.push_back(-pid); // its commands as well
            }
    struck_ = true;
    if (node > 0 && (what.strike == node_strike::stop_and_go || what.strike == node_strike::stop_and_kill)) {
        ::kill(node, SIGSTOP);
        continue_at_ = clock::now() + pause_when_stopped;
        return;
    }
    for (auto pid : dying)
        if (pid != -1 && pid != 0)
            ::kill(pid, SIGKILL);
    if (kills_launcher(what.strike))
        plan_->launcher = 0;
    if (node > 0 && what.strike == node_strike::terminate)
        ::kill(node, SIGTERM);
    if (node > 0 && what.strike == node_strike::hang_up)
        ::kill(node, SIGHUP);
}

bool node_rig::serve(const node_cycle& what, std::chrono::milliseconds limit,
                     const std::function<bool()>& over) {
    const auto deadline = clock::now() + limit;
    for (;;) {
        reap();
        if (plan_->state.load() == fault_plan::call::waiting) {
            strike(what);
            plan_->state.store(fault_plan::call::carried_out);
            wake(*plan_);
        }
        const auto now = clock::now();
        if (strike_at_ && now >= *strike_at_ && node_now() > 0) {
            strike_at_.reset();
            strike(what);
        }
        if (continue_at_ && now >= *continue_at_) {
            continue_at_.reset();
            if (const auto node = node_now(); node > 0) {
                if (what.strike == node_strike::stop_and_kill) {
                    plan_->launcher = launcher_now();
                    begin_watch();
                    ::kill(node, SIGKILL);
                } else
                    ::kill(node, SIGCONT);
            }
        }
        if (watch_)
            watch_->look();
        if (over())
            return true;
        if (now >= deadline)
            return false;
        await(*plan_, plan_->state.load(), 0.002);
    }
}

bool node_rig::clients_of_a_while_are_over() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& one) {
        return one.second.ended || !is_short(one.second.kind, one.second.number);
    });
}

std::string node_rig::tool(const node_cycle& what, std::vector<std::string> words, int* status) {
    const auto said = work_ / "tool";
    std::error_code absent;
    files::remove(said, absent);
    words.insert(words.begin(), (quiet_ / "subject").string());
    const auto pid = start_program(std::move(words), variables(), said);
    tools_.emplace(pid, std::nullopt);
    const bool over = serve(what, longest_tool, [&] { return tools_[pid].has_value(); });
    if (!over)
        ::kill(pid, SIGKILL);
    if (status != nullptr)
        *status = over ? *tools_[pid] : -1;
    return content_of(said) + (over ? "" : "it did not end in time\n");
}

node_report node_rig::run(const node_cycle& what) {
    node_report report;
    if (!files::exists(folder_ / "home")) {
        // What is learnt of the interpreter is kept for all cycles.
        files::create_directories(folder_ / "home");
        auto first = quiet_cycle();
        first.clients = {node_client::worker};
        auto learnt = run(first);
        report.faults = std::move(learnt.faults);
    }
    prepare();
    plan_strike(what);
    if (!what.started_by_clients) {
        start_node();
        const bool told = serve(what, longest_start, [&] {
            std::array<char, 512> text{};
            return node_status_ || ::read(ready_.get(), text.data(), text.size()) >= 0;
        });
        if (!told)
            report.faults.emplace_back("the node did not say whether it is ready");
    }
    for (std::size_t number = 0; number < what.clients.size(); ++number)
        start_client(what, what.clients[number], number);
    if (what.step.empty() && what.strike != node_strike::none)
        strike_at_ = clock::now() + what.after;
    const bool used = serve(what, longest_use, [&] {
        const bool strikes_no_more = !strike_at_ || (what.started_by_clients && node_now() <= 0);
        return !continue_at_ && ((strikes_no_more && clients_of_a_while_are_over()) || node_status_);
    });
    if (!used)
        report.faults.emplace_back("the clients did not come to their ends in time");
    strike_at_.reset();
    end_strike_watch(what, report);
    look_at_orphans_of_clients(what, report);
    end_node(what, report);
    end_strike_watch(what, report); // struck at its end
    judge_node(what, report);
    judge_clients(report);
    report.said += content_of(work_ / "node.log") + content_of(state() / "node.log");
    report.struck = struck_ || plan_->all_struck();

    cycle_report left;
    look_for_processes(left, "after the node's end");
    if (what.strike != node_strike::injected && !(kills_node(what.strike) && kills_launcher(what.strike)))
        look_for_resources(left, "before the next start");
    note_steps(left);
    plan(cycle{});
    next_start(what, report);
    look_for_processes(left, "after the next start");
    look_for_resources(left, "after the next start");
    look_at_places(report);
    report.faults.insert(report.faults.end(), left.faults.begin(), left.faults.end());
    report.met = std::move(left.met);
    return report;
}

} // namespace gestvenv::faults
