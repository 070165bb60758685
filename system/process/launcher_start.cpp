// SPDX-License-Identifier: MIT
#include "system/process/launcher_start.hpp"

#include "system/posix/close_descriptors.hpp"
#include "system/posix/file_size_limit.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/terminal_restoration.hpp"
#include "system/posix/time_slice.hpp"
#include "system/version.hpp"

#include <fmt/format.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv {

namespace {

// Its first steps take the kernel's lock of all mounts, which on a machine with more work than it can do is held for
// seconds at a time, by one after the other.
constexpr std::chrono::seconds greeting_limit{30};

// Where the launcher finds its descriptors.
constexpr int channel_number = 3;
constexpr int runtime_number = 4;
constexpr int lock_number = 5;
constexpr int terminal_number = 6;
constexpr std::size_t most_descriptors = 4;

// Enough for a few system calls.
constexpr std::size_t stack_size = 64u << 10;
using small_stack = std::array<char, stack_size>;

struct child_plan {
    const char* program;
    char* const* arguments;
    char* const* variables;
    std::array<int, most_descriptors> descriptors;
    char* second_stack_end;
    int error_number;
};

// The sanitizers watch clone(3) and would take what follows for a fork of this process; glibc's own name for
// it they leave alone.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...) noexcept;

// The two functions below run on stacks of their own in the memory of the parent, which waits (CLONE_VFORK):
// bare system calls only, which nothing in the parent keeps account of.
#if defined(__clang__)
__attribute__((no_sanitize("address", "thread", "undefined")))
#else
__attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif
int become_launcher(void* argument) {
    auto* plan = static_cast<child_plan*>(argument);
    auto give_up = [plan](int problem) {
        // fcntl(2): EINVAL where the limit of open files is as low as that.
        plan->error_number = problem == EINVAL ? EMFILE : problem;
        for (;;)
            ::syscall(SYS_exit, 127);
    };
    std::array<int, most_descriptors> high{-1, -1, -1, -1};
    for (std::size_t i = 0; i < most_descriptors; ++i) {
        if (plan->descriptors[i] < 0)
            continue;
        high[i] = static_cast<int>(::syscall(SYS_fcntl, plan->descriptors[i], F_DUPFD, terminal_number + 1));
        if (high[i] < 0)
            give_up(errno);
    }
    auto null = ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
    if (null < 0)
        give_up(errno);
    for (int number = 0; number < 3; ++number)
        ::syscall(SYS_dup3, null, number, 0);
    for (int i = 0; i < static_cast<int>(most_descriptors); ++i)
        if (high[static_cast<std::size_t>(i)] >= 0)
            ::syscall(SYS_dup3, high[static_cast<std::size_t>(i)], channel_number + i, 0);
        else
            ::syscall(SYS_close, channel_number + i);
    close_descriptors(terminal_number + 1);
    ::syscall(SYS_execve, plan->program, plan->arguments, plan->variables);
    give_up(errno);
    return 0;
}

// Between the host and the launcher: ends at once, so that the launcher is no child of the host. It must not
// be the one that calls execve(2), which gives every process SIGCHLD as its exit signal.
#if defined(__clang__)
__attribute__((no_sanitize("address", "thread", "undefined")))
#else
__attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif
int stand_between(void* argument) {
    auto* plan = static_cast<child_plan*>(argument);
    if (__clone(become_launcher, plan->second_stack_end, CLONE_VM | CLONE_VFORK, plan) < 0)
        plan->error_number = errno;
    for (;;)
        ::syscall(SYS_exit, 0);
}

outcome<void> spawn(child_plan& plan) {
    auto stacks = std::make_unique_for_overwrite<std::array<small_stack, 2>>();
    plan.second_stack_end = (*stacks)[1].data() + stack_size;
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    // No handler of the host may run in the child while it shares our memory.
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // No exit signal: the host is not told of a child it does not know.
    auto pid = __clone(stand_between, (*stacks)[0].data() + stack_size, CLONE_VM | CLONE_VFORK, &plan);
    int clone_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        return start_failure(clone_error, "cannot start the launcher");
    while (::waitpid(pid, nullptr, __WCLONE) < 0 && errno == EINTR) {
    }
    if (plan.error_number != 0) {
        auto reason = start_failure(plan.error_number, std::string{"cannot start "} + plan.program).value();
        reason.code = error_code::launcher_unavailable;
        return failure(std::move(reason));
    }
    return {};
}

// `ended` is set where the launcher is gone.
outcome<protocol::greeting> await_greeting(channel& connection, const std::string& program, bool& ended) {
    auto broken = [&program](const std::string& why, const std::string& hint) {
        return failure(error_code::launcher_unavailable, "the launcher " + program + " " + why, hint);
    };
    channel::message message;
    for (;;) {
        auto got = connection.receive(message);
        if (!got)
            return failure(got.error());
        if (*got == channel::status::closed) {
            ended = true;
            return broken(
                "ended before it was ready",
                "another program may have ended it, or the limits of this session or container leave "
                "it no memory or processes: `gestvenv doctor` tries each part by itself");
        }
        if (*got == channel::status::ok)
            break;
        pollfd item{connection.get(), POLLIN, 0};
        auto ready = ::poll(&item, 1, static_cast<int>(std::chrono::milliseconds{greeting_limit}.count()));
        if (ready == 0)
            return broken(
                fmt::format("did not answer within {} s", greeting_limit.count()),
                "the machine has more work than it can do, or something holds the process: try again, "
                "or see with `ps -o stat,wchan -C gestvenv-launcher` what it waits for");
        if (ready < 0 && errno != EINTR)
            return system_failure(errno, "cannot wait for the launcher");
    }
    std::string_view body = message.bytes;
    auto head = protocol::take_header(body);
    if (head && head->what == protocol::kind::refused)
        if (auto refusal = wire::from_bytes<protocol::refused>(body))
            return failure(refusal->reason);
    auto greeting = head && head->what == protocol::kind::greeting
                        ? wire::from_bytes<protocol::greeting>(body)
                        : std::nullopt;
    if (!greeting || greeting->protocol_version != protocol::version ||
        greeting->program_version != program_version)
        return broken("is of another version" +
                          (greeting ? " (" + greeting->program_version + ")" : std::string{}),
                      "install the launcher of version " + std::string{program_version} +
                          " beside the program, or name it in GESTVENV_LAUNCHER");
    return *greeting;
}

std::filesystem::path folder_of_this_library() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<void*>(&find_launcher), &info) == 0 || info.dli_fname == nullptr)
        return {};
    std::error_code ignored; // a relative or deleted path leads nowhere, which the search then says
    return std::filesystem::weakly_canonical(info.dli_fname, ignored).parent_path();
}

outcome<channel> start_process(const std::string& path, const launcher_start_options& options) {
    auto ends = channel::pair();
    if (!ends)
        return failure(ends.error());
    auto self = open_process(::getpid());
    if (!self)
        return failure(self.error());
    auto number = [](int value) { return std::to_string(value); };
    const auto file_size = file_size_limit_to_pass_on();
    const auto time_slice = time_slice_to_pass_on();
    auto text_of = [](rlim_t value) {
        return value == RLIM_INFINITY ? std::string{"-1"} : std::to_string(value);
    };
    const auto terminal = terminal_to_have_restored();
    std::array<std::string, 15> texts{path,
                                      number(channel_number),
                                      number(self->watched() >= 0 ? runtime_number : -1),
                                      number(self->pid()),
                                      std::to_string(self->start_time()),
                                      number(options.lock >= 0 ? lock_number : -1),
                                      options.attach_root,
                                      std::string{to_string(options.limit)},
                                      options.trials.empty() ? "-" : options.trials,
                                      options.spare_root.empty() ? "-" : options.spare_root,
                                      time_slice ? std::to_string(time_slice->count()) : "-",
                                      number(terminal ? terminal_number : -1),
                                      std::string{protocol::no_environment_shown},
                                      file_size ? text_of(file_size->rlim_cur) : std::string{},
                                      file_size ? text_of(file_size->rlim_max) : std::string{}};
    std::array<char*, 16> arguments{};
    for (std::size_t i = 0; i < (file_size ? texts.size() : texts.size() - 2); ++i)
        arguments[i] = texts[i].data();
    // Nothing of the host's variables, which may be secrets: /proc/PID/environ shows them.
    std::array<char*, 1> variables{nullptr};
    child_plan plan{path.c_str(),
                    arguments.data(),
                    variables.data(),
                    {ends->second.get(), self->watched(), options.lock, terminal ? terminal->device : -1},
                    nullptr,
                    0};
    if (auto spawned = spawn(plan); !spawned)
        return failure(spawned.error());
    return std::move(ends->first);
}

} // namespace

outcome<std::filesystem::path> find_launcher(const std::filesystem::path& installed) {
    if (const char* named = std::getenv("GESTVENV_LAUNCHER")) // NOLINT(concurrency-mt-unsafe): read only
        return std::filesystem::path{named};
    std::error_code problem;
    std::string tried;
    for (bool of_library : {false, true}) {
        const auto folder = of_library
                                ? folder_of_this_library()
                                : std::filesystem::read_symlink("/proc/self/exe", problem).parent_path();
        if (folder.empty())
            continue;
        for (const auto& place :
             {folder / "gestvenv-launcher", folder.parent_path() / "bin" / "gestvenv-launcher",
              folder.parent_path() / "libexec" / "gestvenv" / "gestvenv-launcher"}) {
            if (::access(place.c_str(), X_OK) == 0)
                return place;
            tried += (tried.empty() ? "" : ", ") + place.string();
        }
    }
    if (!installed.empty()) {
        if (::access(installed.c_str(), X_OK) == 0)
            return installed;
        tried += (tried.empty() ? "" : ", ") + installed.string();
    }
    return failure(error_code::launcher_unavailable, "gestvenv-launcher was not found (tried " + tried + ")",
                   "install it beside the program, or name it in GESTVENV_LAUNCHER");
}

outcome<starting_launcher> starting_launcher::begin(launcher_start_options options) {
    starting_launcher result;
    if (options.program.empty()) {
        auto found = find_launcher(options.installed);
        if (!found)
            return failure(found.error());
        options.program = std::move(*found);
    }
    result.program_ = options.program.string();
    result.options_ = std::move(options);
    auto connection = start_process(result.program_, result.options_);
    if (!connection)
        return failure(connection.error());
    result.connection_ = std::move(*connection);
    return result;
}

outcome<launcher_connection> starting_launcher::finish() && {
    bool ended = false;
    auto greeting = await_greeting(connection_, program_, ended);
    if (!greeting && ended) {
        // One that was killed on its way: another tries as any launcher that is lost is replaced, and removes
        // what that one had made to find out what this machine can do.
        auto again = start_process(program_, options_);
        if (!again)
            return failure(again.error());
        connection_ = std::move(*again);
        greeting = await_greeting(connection_, program_, ended);
    }
    if (!greeting)
        return failure(greeting.error());
    return launcher_connection{std::move(connection_), std::move(*greeting)};
}

outcome<launcher_connection> start_launcher(launcher_start_options options) {
    return starting_launcher::begin(std::move(options)).and_then([](starting_launcher begun) {
        return std::move(begun).finish();
    });
}

} // namespace gestvenv
