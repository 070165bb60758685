// SPDX-License-Identifier: MIT
#include "system/launcher/command_start.hpp"

#include "system/isolation/privileges.hpp"
#include "system/launcher/clone.hpp"
#include "system/launcher/command_guard.hpp"
#include "system/launcher/program_settings.hpp"
#include "system/posix/close_descriptors.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/time_slice.hpp"

#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

constexpr const char* path_of_last_resort = "/usr/local/bin:/usr/bin:/bin";
constexpr const char* shell = "/bin/sh";

// Everything execve(2) needs, made before the clone so that the child only makes system calls.
struct program_image {
    explicit program_image(const protocol::run& request) : settings(request.settings) {
        shell_arguments = {const_cast<char*>(shell), nullptr};
        for (const auto& argument : request.arguments) {
            arguments.push_back(const_cast<char*>(argument.c_str()));
            if (arguments.size() > 1)
                shell_arguments.push_back(arguments.back());
        }
        arguments.push_back(nullptr);
        shell_arguments.push_back(nullptr);
        for (const auto& [name, value] : request.variables)
            text.push_back(name + "=" + value);
        for (auto& item : text)
            variables.push_back(item.data());
        variables.push_back(nullptr);
        const auto& program = request.arguments.front();
        if (program.find('/') != std::string::npos) {
            candidates.push_back(program);
            return;
        }
        auto found = request.variables.find("PATH");
        std::string_view path =
            found == request.variables.end() ? path_of_last_resort : std::string_view{found->second};
        while (!program.empty()) {
            auto end = path.find(':');
            auto folder = path.substr(0, end);
            // An empty entry means the working directory (environ(7)).
            candidates.push_back(folder.empty() ? "./" + program : std::string{folder} + "/" + program);
            if (end == std::string_view::npos)
                break;
            path.remove_prefix(end + 1);
        }
    }

    std::vector<std::string> text;
    std::vector<char*> arguments;
    /// Of a script without a first line that names its interpreter; the second is its path.
    std::vector<char*> shell_arguments;
    std::vector<char*> variables;
    std::vector<std::string> candidates;
    program_settings settings;
};

} // namespace

void give_up(int reports, command_report::stage at, int error_number) {
    command_report report;
    report.at = at;
    report.error_number = error_number;
    // There is no way left to report a failure: the keeper then sees the exit status.
    (void)!::write(reports, &report, sizeof report);
    ::_exit(127);
}

namespace {

// As a shell tells a script from a damaged program: no zero byte in what it begins with.
bool is_text(const char* path) {
    descriptor file{::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    std::array<char, 128> text{};
    auto got = ::read(file.get(), text.data(), text.size());
    return got >= 0 && std::find(text.data(), text.data() + got, '\0') == text.data() + got;
}

// As execvp(3) searches: the next candidate when one is missing, but a permission problem is remembered. What
// is no program is a script of the shell's.
int execute(program_image& image) {
    int result = ENOENT;
    for (auto& candidate : image.candidates) {
        ::execve(candidate.c_str(), image.arguments.data(), image.variables.data());
        if (errno == ENOEXEC && is_text(candidate.c_str())) {
            image.shell_arguments[1] = candidate.data();
            ::execve(shell, image.shell_arguments.data(), image.variables.data());
        }
        if (errno == EACCES)
            result = EACCES;
        else if (errno != ENOENT && errno != ENOTDIR)
            return errno;
    }
    return result;
}

// Where memory runs out, the program goes rather than its keeper, with which the environment would end: what
// fills a tmpfs belongs to no process, and the kernel ends the largest one (proc_pid_oom_score_adj(5)).
void stand_in_for_the_keeper() {
    constexpr int by = 500;
    constexpr int highest = 1000;
    descriptor file{::open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC)};
    std::array<char, 16> text{};
    if (::read(file.get(), text.data(), text.size() - 1) <= 0)
        return; // no /proc here: the kernel chooses
    auto length =
        std::snprintf(text.data(), text.size(), "%d", std::min(std::atoi(text.data()) + by, highest));
    (void)!::pwrite(file.get(), text.data(), static_cast<std::size_t>(length), 0);
}

// The private /dev/shm has nothing of the host's but what is named: who works in all of it means the host's.
int enter_working_directory(const protocol::run& request, const command_place& place,
                            int shared_memory_of_host) {
    std::string_view path = request.working_directory;
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    if (shared_memory_of_host >= 0 && path == place.shared_memory_path)
        return ::fchdir(shared_memory_of_host);
    return ::chdir(request.working_directory.c_str());
}

int copy_above(int highest, int number, int reports) {
    int copy = ::fcntl(number, F_DUPFD_CLOEXEC, highest + 1);
    // fcntl(2): EINVAL where the limit of open files is as low as that.
    if (copy < 0)
        give_up(reports, command_report::stage::clone, errno == EINVAL ? EMFILE : errno);
    return copy;
}

[[noreturn]] void become_program(const protocol::run& request, program_image& image,
                                 const std::array<int, 3>& streams, int reports, const command_place& place) {
    ::setpgid(0, 0);
    // Before the signals: from outside of the foreground it is one's own affair only while SIGTTOU is
    // blocked.
    if (place.terminal >= 0 && request.in_foreground && ::tcsetpgrp(place.terminal, ::getpid()) < 0)
        give_up(reports, command_report::stage::terminal, errno);
    // A guard cannot be traced, and so has no /proc/self that an ordinary user can write to (proc(5)).
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    // Above all numbers that are given out first, so that no copy overwrites one still to be copied.
    int highest = STDERR_FILENO;
    for (int number : request.passed)
        highest = std::max(highest, number);
    reports = copy_above(highest, reports, reports);
    const int shared_memory =
        place.shared_memory_of_host < 0 ? -1 : copy_above(highest, place.shared_memory_of_host, reports);
    std::vector<int> sources{streams.begin(), streams.end()};
    sources.insert(sources.end(), place.passed.begin(), place.passed.end());
    for (int& source : sources)
        source = copy_above(highest, source, reports);
    auto number_of = [&request](std::size_t i) {
        return i < 3 ? static_cast<int>(i) : request.passed[i - 3];
    };
    for (std::size_t i = 0; i < sources.size(); ++i)
        if (::dup2(sources[i], number_of(i)) < 0)
            give_up(reports, command_report::stage::clone, errno);
    close_descriptors_on_execute(3);
    for (int number : request.passed)
        ::fcntl(number, F_SETFD, 0);

    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::umask(static_cast<mode_t>(request.umask));
    enter_overlays(request.overlays, [reports](std::size_t folder, overlay_problem why) {
        command_report report;
        report.what = command_report::kind::not_overlaid;
        report.folder = folder;
        report.overlay = why;
        (void)!::write(reports, &report, sizeof report); // the keeper is gone when this fails
    });
    if (enter_working_directory(request, place, shared_memory) < 0)
        give_up(reports, command_report::stage::working_directory, errno);
    stand_in_for_the_keeper();
    // Behind everything that opens a file, and before the rights to raise a limit are gone.
    image.settings.apply();
    if (place.time_slice)
        restore_time_slice(*place.time_slice);
    if (!request.keep_privileges)
        if (int error_number = give_up_privileges(capabilities_to_drop()); error_number != 0)
            give_up(reports, command_report::stage::privileges, error_number);
    give_up(reports, command_report::stage::execute, execute(image));
}

} // namespace

outcome<started_command> start_command(const protocol::run& request, const std::array<int, 3>& streams,
                                       const command_place& place) {
    program_image image{request};
    (void)capabilities_to_drop(); // looked up here, for the child
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0)
        return system_failure(errno, "cannot create a pipe for a command");
    descriptor reader{ends[0]};
    descriptor writer{ends[1]};
    auto child = clone_process(CLONE_CLEAR_SIGHAND, place.group != nullptr ? place.group->get() : -1, false);
    if (!child)
        return failure(child.error());
    if (child->pid == 0) {
        auto become = [&] { become_program(request, image, streams, writer.get(), place); };
        if (place.guard)
            guard_program({writer.get(), place.terminal}, become);
        become();
    }
    // Here too: a signal for the group may come before the child has run.
    if (!place.guard)
        ::setpgid(child->pid, child->pid);
    return started_command{child->pid, std::move(reader)};
}

namespace {

// Whether it is a file that root may execute as far as its mode goes.
bool has_execute_bit(const protocol::run& request) {
    const auto& program = request.arguments.front();
    auto path = program.front() == '/' ? program : request.working_directory + "/" + program;
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

// Root is used to being let in everywhere; where it is not, the mode may be the reason.
void name_the_mode(error& why, const command_report& report, const protocol::run& request) {
    if (request.keep_privileges || ::geteuid() != 0)
        return;
    const bool file_is_why = report.at == command_report::stage::execute && report.error_number == EACCES &&
                             !has_execute_bit(request);
    if (file_is_why || (report.error_number != EACCES && report.error_number != EPERM))
        return;
    why.hint +=
        "; root has only a container's capabilities in security mode restricted, and all of its own with "
        "--security permissive (security_mode::permissive)";
}

/// Its first line, as far as it names an interpreter; empty for everything else.
std::string interpreter_line_of(const std::string& path) {
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    std::array<char, 256> text{};
    auto got = ::read(file.get(), text.data(), text.size());
    std::string_view line{text.data(), static_cast<std::size_t>(std::max(got, ssize_t{0}))};
    line = line.substr(0, line.find('\n'));
    return std::string{line.starts_with("#!") ? line.substr(2) : std::string_view{}};
}

error not_found(const std::string& program, const protocol::run& request) {
    if (program.find('/') == std::string::npos)
        return {error_code::command_not_found,
                "the command '" + program + "' was not found",
                {},
                "install the package that provides it, or give its full path"};
    auto path = program.starts_with('/') ? program : request.working_directory + '/' + program;
    auto line = interpreter_line_of(path);
    if (line.empty())
        return {error_code::command_not_found,
                "the program '" + program + "', or the interpreter its first line names, does not exist",
                {},
                "check the path; a relative one starts at the working directory " +
                    request.working_directory};
    if (line.ends_with('\r'))
        return {error_code::command_not_found,
                "the first line of '" + program +
                    "' ends with a carriage return, which counts as a part of its interpreter's name",
                {},
                "write it with the line ends of Unix: sed -i 's/\\r$//' " + program};
    return {error_code::command_not_found,
            "the interpreter that the first line of '" + program +
                "' names does not exist:" + (line.starts_with(' ') ? "" : " ") + line,
            {},
            "install it, or run the script through another: python " + program};
}

error not_executable(const command_report& report, const std::string& program, const protocol::run& request) {
    auto path = program.starts_with('/') ? program : request.working_directory + '/' + program;
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
        return {
            error_code::command_not_executable,
            "'" + program + "' is a folder, not a program",
            {},
            "name a program; the folder that a program starts in is set apart: --cwd (working_directory)"};
    return {error_code::command_not_executable,
            "the program '" + program + "' cannot be executed: " +
                std::strerror(report.error_number), // NOLINT(concurrency-mt-unsafe): single-threaded
            {},
            report.error_number == ENOEXEC
                ? "it is no program of this machine's kind, and no script"
                : "make it executable (chmod +x), or run it through its interpreter"};
}

} // namespace

error explain(const command_report& report, const protocol::run& request) {
    const auto& program = request.arguments.front();
    std::string reason = std::strerror(report.error_number); // NOLINT(concurrency-mt-unsafe): single-threaded
    switch (report.at) {
    case command_report::stage::terminal:
        return {error_code::system_failure,
                "cannot give '" + program + "' a terminal of its own: " + reason,
                {},
                "the terminal must be the program's side of a pseudo-terminal that no session has yet"};
    case command_report::stage::working_directory: {
        error why{error_code::invalid_argument,
                  "cannot start '" + program + "' in " + request.working_directory + ": " + reason,
                  {},
                  "the working directory must exist and be accessible inside the environment"};
        name_the_mode(why, report, request);
        return why;
    }
    case command_report::stage::privileges:
        return {error_code::isolation_unavailable, "cannot give up privileges: " + reason, {}, {}};
    case command_report::stage::clone:
        return {error_code::system_failure,
                "cannot start '" + program + "': " + reason,
                {},
                hint_for_start(report.error_number)};
    case command_report::stage::execute:
        break;
    }
    if (report.error_number == ENOENT || report.error_number == ENOTDIR)
        return not_found(program, request);
    auto why = not_executable(report, program, request);
    name_the_mode(why, report, request);
    return why;
}

} // namespace gestvenv
