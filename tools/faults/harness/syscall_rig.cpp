// SPDX-License-Identifier: MIT
#include "tools/faults/harness/syscall_rig.hpp"

#include "system/journal/state_folder.hpp"
#include "tools/faults/common/package_source.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/program_start.hpp"
#include "tools/faults/harness/rig_support.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Far above what a run takes that is traced on a busy machine.
constexpr auto longest_run = 40s;
// Of what the program starts: an installer that is injected into may wait for ever, and is ended by these.
constexpr const char* longest_life = "15s";
constexpr const char* tracer = "/usr/bin/strace";
// Prints a line and ends: what fails is ours.
constexpr std::string_view output_of_command = "gestvenv-launcher ";
constexpr std::size_t most_said = 4000;

// Which program each process of a trace runs; a process without an own one runs its parent's.
class trace {
public:
    explicit trace(const std::string& text) {
        std::istringstream lines{text};
        for (std::string line; std::getline(lines, line);) {
            auto space = line.find(' ');
            auto pid = line.substr(0, space);
            std::string_view rest{line};
            rest.remove_prefix(std::min(rest.size(), line.find_first_not_of(' ', space)));
            read(pid, rest);
        }
    }

    std::size_t injected = 0;
    /// Of a call on standard error.
    bool errors_injected = false;
    bool output_injected = false;
    /// Processes of ours that ended by such a signal.
    std::vector<std::string> crashes;

private:
    void read(const std::string& pid, std::string_view rest) {
        if (rest.find("(INJECTED)") != rest.npos) {
            ++injected;
            errors_injected |= rest.starts_with("write(2,");
            output_injected |= rest.starts_with("write(1,");
        }
        if (rest.starts_with("execve(\"") && rest.find(" = 0") != rest.npos)
            program_[pid] = rest.substr(8, rest.find('"', 8) - 8);
        for (std::string_view call : {"clone(", "clone3(", "vfork(", "fork(", "<... clone resumed>",
                                      "<... clone3 resumed>", "<... vfork resumed>"})
            if (auto equals = rest.rfind(" = "); rest.starts_with(call) && equals != rest.npos) {
                auto child = rest.substr(equals + 3);
                program_.try_emplace(std::string{child.substr(0, child.find(' '))}, program_[pid]);
            }
        for (std::string_view signal : {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"})
            if (rest.starts_with("+++ killed by " + std::string{signal}) &&
                files::path{program_[pid]}.filename().string().starts_with("gestvenv"))
                crashes.push_back(fmt::format("{} of {} ended by {}", pid, program_[pid], signal));
    }

    std::map<std::string, std::string> program_;
};

std::string what_waits(pid_t pid) {
    auto trimmed = [pid](const char* name) {
        auto text = content_of(fmt::format("/proc/{}/{}", pid, name));
        return text.substr(0, text.find('\n'));
    };
    return fmt::format("{} (in {}, call {})", describe(pid), trimmed("wchan"), trimmed("syscall"));
}

void reap() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

// A tracer that is killed lets go of what it traces: so everything.
void kill_all_below() {
    const auto deadline = clock::now() + 10s;
    for (auto left = living_below(::getpid()); !left.empty() && clock::now() < deadline;
         left = living_below(::getpid())) {
        for (const auto& process : left)
            ::kill(process.pid, SIGKILL);
        ::poll(nullptr, 0, 5);
        reap();
    }
    reap();
}

} // namespace

syscall_rig::syscall_rig(const programs& built, const files::path& bin, const files::path& place)
    : rig(built, place), program_(folder_ / "program") {
    if (::access(tracer, X_OK) != 0)
        throw std::runtime_error{fmt::format(
            "{} is missing, which makes system calls fail\n\nhint: apt-get install strace", tracer)};
    files::create_directories(program_);
    for (const char* name : {"gestvenv", "gestvenv-launcher"})
        files::copy_file(bin / name, program_ / name, files::copy_options::overwrite_existing);
}

files::path syscall_rig::home_of(const syscall_cycle& what) const {
    return what.cold ? work_ / "home" : folder_ / "home";
}

std::vector<std::string> syscall_rig::command_of(const syscall_cycle& what) const {
    std::vector<std::string> words{(program_ / "gestvenv").string(),
                                   "run",
                                   "--storage",
                                   std::string{gestvenv::to_string(what.storage)},
                                   "--ttl",
                                   longest_life};
    if (what.installs)
        words.insert(words.end(), {"--packages", demo_requirement(folder_)});
    words.insert(words.end(), {"--", (program_ / "gestvenv-launcher").string(), "--version"});
    return words;
}

syscall_rig::ending syscall_rig::play(const syscall_cycle& what, std::vector<std::string> words,
                                      syscall_report& report) const {
    std::vector<std::string> variables{"HOME=" + home_of(what).string(),
                                       "PATH=/usr/local/bin:/usr/bin:/bin",
                                       "XDG_STATE_HOME=" + (work_ / "xdg").string(),
                                       "ASAN_OPTIONS=detect_leaks=0", // it refuses to be traced
                                       "UV_CACHE_DIR=" + (folder_ / "uv-cache").string(),
                                       "GESTVENV_TOOLS=" + demo_tools(folder_).string()};
    auto arguments = pointers_to(words);
    auto environment = pointers_to(variables);
    const auto out = (work_ / "out").string();
    const auto errors = (work_ / "errors").string();
    auto pid = ::fork();
    if (pid < 0)
        throw std::runtime_error{
            fmt::format("cannot fork: {}", std::strerror(errno))}; // NOLINT(concurrency-mt-unsafe)
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        ::setsid();
        ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
        ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDOUT_FILENO);
        ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDERR_FILENO);
        ::execve(arguments[0], arguments.data(), environment.data());
        ::_exit(91);
    }
    ending how;
    const auto deadline = clock::now() + longest_run;
    for (;;) {
        int status = 0;
        auto ended = ::waitpid(-1, &status, WNOHANG); // orphans come to us as well
        if (ended == pid) {
            how.status = status;
            return how;
        }
        if (ended > 0)
            continue;
        if (clock::now() >= deadline) {
            how.hung = true;
            report.faults.push_back(fmt::format("it runs for more than {} s", longest_run.count()));
            for (const auto& process : living_below(::getpid()))
                report.said += "still there: " + what_waits(process.pid) + "\n";
            kill_all_below();
            return how;
        }
        ::poll(nullptr, 0, 2);
    }
}

void syscall_rig::judge(const ending& how, syscall_report& report) const {
    const trace seen{content_of(work_ / "trace")};
    report.injected = seen.injected;
    auto errors = content_of(work_ / "errors");
    auto out = content_of(work_ / "out");
    report.said += "output: " + out + "\nerrors: " + errors.substr(0, most_said) + "\n";
    for (const auto& crash : seen.crashes)
        report.faults.push_back("crash: " + crash);
    if (errors.find("terminate called") != errors.npos)
        report.faults.emplace_back("crash: an exception left the program");
    if (how.hung)
        return;
    if (WIFSIGNALED(how.status)) {
        if (seen.crashes.empty())
            report.faults.push_back(fmt::format("it ended by signal {}", WTERMSIG(how.status)));
        return;
    }
    const auto status = WEXITSTATUS(how.status);
    report.said += fmt::format("status: {}\n", status);
    // The C library's own start says it so.
    const bool told =
        errors.find("error:") != errors.npos || errors.find("error while loading") != errors.npos;
    if (status != 0 && !told && !seen.errors_injected)
        report.faults.push_back(fmt::format("it ended with status {} without a word", status));
    if (status == 0 && !out.starts_with(output_of_command) && !seen.output_injected)
        report.faults.emplace_back("it ended with status 0 without the command's output");
}

void syscall_rig::look_for_what_is_left(const syscall_cycle& what, syscall_report& report) const {
    cycle_report left;
    look_for_processes(left, "after the next start");
    look_for_resources(left, "after the next start");
    std::error_code absent;
    for (files::directory_iterator entry{home_of(what) / ".cache/gestvenv/ephemeral", absent}, end;
         !absent && entry != end; entry.increment(absent))
        left.faults.push_back(fmt::format("after the next start: {} is there", entry->path().string()));
    for (files::directory_iterator entry{work_ / "xdg/gestvenv", absent}, end; !absent && entry != end;
         entry.increment(absent))
        if (entry->is_directory(absent) && !state_folder::is_spare(entry->path()))
            left.faults.push_back(
                fmt::format("after the next start: the state folder {} is there", entry->path().string()));
    std::sort(left.faults.begin(), left.faults.end());
    left.faults.erase(std::unique(left.faults.begin(), left.faults.end()), left.faults.end());
    report.faults.insert(report.faults.end(), left.faults.begin(), left.faults.end());
}

syscall_report syscall_rig::run(const syscall_cycle& what) {
    syscall_report report;
    clear();
    files::create_directories(work_);
    auto quiet = what;
    quiet.cold = false;
    if (!files::exists(home_of(quiet))) {
        // What is learnt of the interpreter is kept for all cycles that are not about it.
        files::create_directories(home_of(quiet));
        play(quiet, command_of(quiet), report);
    }
    files::create_directories(home_of(what));
    std::vector<std::string> words{tracer,
                                   "--follow-forks",
                                   "--seccomp-bpf",
                                   "--quiet=attach,personality",
                                   "--signal=none",
                                   "--string-limit=256",
                                   "--output",
                                   (work_ / "trace").string(),
                                   "--trace=execve,?clone,?clone3,?vfork,?fork,?" + what.call,
                                   "--inject=?" + injection_of(what)};
    auto command = command_of(what);
    words.insert(words.end(), command.begin(), command.end());
    auto how = play(what, words, report);
    judge(how, report);
    // The next start, which nothing disturbs.
    auto next = play(what, {(program_ / "gestvenv").string(), "ephemeral", "cleanup", "--orphans"}, report);
    if (!next.hung && next.status != 0)
        report.faults.push_back("the next start failed: " + content_of(work_ / "errors"));
    report.said += "the next start: " + content_of(work_ / "out") + "\n";
    look_for_what_is_left(what, report);
    return report;
}

} // namespace gestvenv::faults
