// SPDX-License-Identifier: MIT
// GestVenv in a host program: makes short-lived Python environments, runs commands in them, and takes each
// one down again. A host needs only this header and those that it includes; none of them needs CAF.
//
//     gestvenv::runtime runtime;
//     auto env = runtime.create({.name = "test", .packages = {"requests"}});
//     auto result = env.execute("python -c 'import requests; print(requests.__version__)'");
//     auto receipt = env.destroy();    // or leave it to the destructor
#pragma once

#include <gestvenv/crash_report.hpp>
#include <gestvenv/environment.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/installed_launcher.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_config.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Settings of a runtime; the defaults suit most hosts. The runtime reads no configuration file, and no
/// variables except those named here.
struct runtime_options {
    /// Limits and defaults; see `configure`.
    runtime_config config;
    /// Path of the launcher program; empty: the one named by GESTVENV_LAUNCHER, else the one beside this
    /// program or library, else the one of the installed package with which the host was built.
    std::filesystem::path launcher;
    /// Parent of the state folders; empty: `${XDG_STATE_HOME:-~/.local/state}/gestvenv`.
    std::filesystem::path state_root;
    /// The folder with uv and pip; empty: GESTVENV_TOOLS, else
    /// `${XDG_DATA_HOME:-~/.local/share}/gestvenv/tools`, then PATH.
    std::filesystem::path tools_folder;
    /// The interpreter of environments that name none, if none is configured or the configured version is not
    /// installed; empty: the system's python3.
    std::filesystem::path preferred_python;
    /// Installations use no network. Packages that are neither in the backend's cache (uv) nor in a local
    /// folder of wheels (pip, PIP_FIND_LINKS) cannot be installed.
    bool offline = false;
    /// Whether to clean up, in the background, orphans that crashed runtimes of this user left.
    bool recover_orphans = true;
    /// Whether to repeat all trials of the machine. Otherwise trials that worked at an earlier start of this
    /// boot, in the same situation (user, rights, namespaces, group), are not repeated. Their results are
    /// kept in `${XDG_CACHE_HOME:-~/.cache}/gestvenv/trials`.
    bool try_machine_again = false;
    /// Set it if the process ends right after this runtime. Threads and memory are then left to the end of
    /// the process, which is faster. Environments, launcher and state folder end as always. The program must
    /// then end by `_exit`, because no destructor of a static object may run beside those threads.
    bool ends_with_process = false;
    /// Threads that run actors, 1 to 64.
    unsigned threads = 1;
    /// Receives messages that no return value can carry: results of the recovery, failures in destructors.
    /// Called on any thread of the runtime, one call at a time; must not call the runtime. Unset: such
    /// messages are dropped. Exceptions that it throws are ignored.
    std::function<void(std::string_view)> log;
    /// The same for problems that need attention: a journal that was damaged or cannot be read, a resource
    /// that cannot be removed. Unset: they go to `log`.
    std::function<void(std::string_view)> warn;
    /// Receives all events in order, on the callback thread, one call at a time together with all other
    /// callbacks. If it is slower than the events and more than 10,000 wait, further ones are dropped, and
    /// `log` receives their number. Exceptions that it throws are reported to `log`.
    std::function<void(const runtime_event&)> on_event;
    /// The strongest containment that may be used. Only tests set a weaker one.
    containment best_containment = containment::pid_namespace;
};

/// The abilities of the machine, as found at the start.
struct runtime_abilities {
    /// The strongest containment that is available.
    containment best = containment::none;
    /// Whether cgroups of version 2 can be made here.
    bool cgroups = false;
    /// Whether storage can be a mount of its own (a tmpfs per environment).
    bool storage_mounts = false;
    /// Whether these limits are enforced here. A limit that is requested and cannot be enforced is refused.
    /// `max_processes` is always enforced.
    bool limits_memory = false;
    bool limits_cpu = false;
    bool limits_threads = false;
    /// The mechanism of each limit: `cgroup v2`, `cgroup v1` or `pid namespace`; empty if the limit is not
    /// enforced.
    std::string memory_limited_by;
    std::string cpu_limited_by;
    std::string threads_limited_by;
    /// The reason for each missing ability, one sentence each.
    std::vector<std::string> limitations;
};

/// Makes environments and takes them down. All functions are thread-safe, block until done, and throw the
/// exceptions of exceptions.hpp. After `shutdown`, `create` throws ephemeral_exception with `shutting_down`.
///
/// The runtime is a guest in its host: it installs no signal handler, its threads block all signals, and its
/// child processes raise no SIGCHLD. Several runtimes may live in one process. In a forked child every
/// function throws (`shutting_down`), and the destructor does nothing.
class runtime {
public:
    /// Starts the launcher (some milliseconds) and begins to clean up orphans of crashed runtimes of this
    /// user. Throws invalid_argument_exception for options out of range, and ephemeral_exception
    /// (`launcher_unavailable`, `journal_failed` and others) if the runtime cannot be started.
    runtime();
    explicit runtime(runtime_options options);
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;
    /// Ends every environment, then the launcher. Returns within 45 seconds in any case.
    ~runtime();

    /// Makes an environment with its packages; it is ready when this returns. After a failure nothing of it
    /// is left. Throws invalid_argument_exception, resource_exhausted_exception,
    /// environment_creation_exception, install_exception, isolation_exception.
    environment create(environment_spec spec = {});
    /// The same; a request of `stop` cancels it. It then throws ephemeral_exception with `cancelled` and
    /// leaves nothing behind.
    environment create(environment_spec spec, std::stop_token stop);
    /// Starts making an environment and returns at once. The future holds it, or the exception that `create`
    /// would throw. An environment in a future that is dropped is destroyed.
    std::future<environment> create_async(environment_spec spec = {}, std::stop_token stop = {});

    /// Snapshots of all living environments.
    std::vector<environment_info> list() const;
    /// Finds an environment by id, by a unique prefix of an id (at least 4 characters), or by name. Throws
    /// environment_not_found_exception, also for an ambiguous prefix.
    environment_info find(std::string_view environment) const;
    /// An object for a living environment, named as for `find`, that does not own it: its end leaves the
    /// environment as it is. Throws environment_not_found_exception.
    environment attach(std::string_view environment);
    /// Ends an environment, named as for `find`. Throws environment_not_found_exception. Throws
    /// cleanup_exception if the environment is busy and `force` is false, or, with the receipt, if there is
    /// residue.
    teardown_receipt cleanup(std::string_view environment, bool force = false);
    /// Ends all environments and refuses new ones. Operations that run in them fail with `environment_gone`.
    /// Returns the receipts of all environments that were living; residue is in the receipts, not thrown. May
    /// be called while other threads use the runtime.
    std::vector<teardown_receipt> shutdown();
    /// Cleans up orphans of crashed runtimes of this user, in the caller's thread. Returns a receipt for each
    /// of their environments; residue is in the receipts, not thrown. A journal that cannot be read is
    /// residue of kind `journal`. Orphans that another program is cleaning up are left to it.
    std::vector<teardown_receipt> cleanup_orphans();

    /// The abilities of this machine.
    runtime_abilities abilities() const;

    /// Replaces limits, defaults and intervals from now on. Living environments keep their settings, and
    /// reservations above a lowered limit stay in force. Throws invalid_argument_exception and then changes
    /// nothing.
    void configure(runtime_config config);
    /// The configuration in force.
    runtime_config configuration() const;

    /// The last events, at most `most`, oldest first: of one environment (by id) or, for an empty id, of all.
    std::vector<runtime_event> events(std::size_t most = 100, std::string_view environment_id = {}) const;
    /// Reports on actors of the runtime that ended unexpectedly: the last hundred, oldest first.
    std::vector<crash_report> crash_reports() const;
    /// The resource usage of all environments together, measured within the last second, and the alerts in
    /// force. Each alert also makes an event when it is raised and when it ends.
    resource_usage usage() const;
    /// The supervision tree with the state of each actor, as JSON, for people and monitoring tools.
    std::string tree() const;

private:
    friend struct runtime_access;
    std::shared_ptr<class runtime_core> core_;
};

} // namespace gestvenv
