// SPDX-License-Identifier: MIT
// GestVenv inside a host program: makes short-lived Python environments, runs commands in them, and takes
// every one of them down again. This header and those it includes are all a host needs; none of them needs
// CAF.
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

/// How a runtime is set up; `runtime_options{}` is a good one. No file is read and no variable looked at
/// beyond what is named here.
struct runtime_options {
    runtime_config config;
    /// The launcher program; empty: where GESTVENV_LAUNCHER says, else beside this program or library, else
    /// that of the installed package which the host was built with.
    std::filesystem::path launcher;
    /// Where state folders are kept; empty: `${XDG_STATE_HOME:-~/.local/state}/gestvenv`.
    std::filesystem::path state_root;
    /// Where uv and pip are; empty: GESTVENV_TOOLS, else `${XDG_DATA_HOME:-~/.local/share}/gestvenv/tools`,
    /// then PATH.
    std::filesystem::path tools_folder;
    /// The interpreter of environments that ask for none, where none is configured or none of that version is
    /// there; empty: the system's python3.
    std::filesystem::path preferred_python;
    /// Installing uses no network: what is not in the backend's cache (uv) or a local folder of wheels (pip,
    /// PIP_FIND_LINKS) cannot be had.
    bool offline = false;
    /// What crashed runtimes of this user left is finished in the background, as at every start.
    bool recover_orphans = true;
    /// What this machine allows is tried anew. Otherwise what an earlier start of this boot found to work, in
    /// the same situation (user, rights, namespaces, group), is not tried again; it is kept in
    /// `${XDG_CACHE_HOME:-~/.cache}/gestvenv/trials`.
    bool try_machine_again = false;
    /// The process ends right after this runtime: what ends with a process anyway (threads, memory) is left
    /// to that, which is faster. Environments, launcher and state folder end as ever. The program must then
    /// end by `_exit`: no destructor of static objects may run beside those threads.
    bool ends_with_process = false;
    /// Threads that run actors, 1 to 64.
    unsigned threads = 1;
    /// Told what no return value can say: what recovery found, what a destructor could not do. Called on any
    /// thread of the runtime, one call at a time; must not call the runtime. Unset: silence. What it throws
    /// is dropped.
    std::function<void(std::string_view)> log;
    /// The same for what somebody should look at: a journal that was damaged or cannot be read, something
    /// that cannot be removed. Unset: the log hears it.
    std::function<void(std::string_view)> warn;
    /// Hears of everything that happens, on the callback thread, in order, one call at a time with all other
    /// callbacks. Where it is slower than events come, those beyond 10,000 that wait are dropped and the log
    /// is told how many. What it throws is told to the log.
    std::function<void(const runtime_event&)> on_event;
    /// The best way of holding processes together that may be used; less than there is only for tests.
    containment best_containment = containment::pid_namespace;
};

/// What the machine offers, as found at the start.
struct runtime_abilities {
    containment best = containment::none;
    bool cgroups = false;
    bool storage_mounts = false;
    /// Which limits of an environment are enforced here; one that is not and is asked for is refused.
    /// `max_processes` always is.
    bool limits_memory = false;
    bool limits_cpu = false;
    bool limits_threads = false;
    /// By what they are enforced: `cgroup v2`, `cgroup v1` or `pid namespace`; empty where they are not.
    std::string memory_limited_by;
    std::string cpu_limited_by;
    std::string threads_limited_by;
    /// Why something is missing, one sentence each.
    std::vector<std::string> limitations;
};

/// All functions may be called from any thread; they block until done and throw the exceptions of
/// exceptions.hpp.
///
/// A guest in its host: it installs no signal handler, its threads run under a full signal mask, and its
/// child processes raise no SIGCHLD. Several runtimes may live in one process. In a forked child every
/// function throws and the destructor does nothing.
class runtime {
public:
    /// Starts the launcher (some milliseconds) and begins to clean up what crashed runtimes of this user
    /// left.
    runtime();
    explicit runtime(runtime_options options);
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;
    /// Ends every environment, then the launcher; returns within 45 seconds whatever happens.
    ~runtime();

    /// Makes an environment, with its packages; ready when this returns. On failure nothing of it is left.
    /// Throws invalid_argument_exception, resource_exhausted_exception, environment_creation_exception,
    /// install_exception, isolation_exception.
    environment create(environment_spec spec = {});
    /// The same, taken back when `stop` is requested: throws ephemeral_exception with `cancelled`, and leaves
    /// nothing.
    environment create(environment_spec spec, std::stop_token stop);
    /// Begins to make one; the future holds it or the exception that `create` would throw. An environment in
    /// a future that is dropped is destroyed.
    std::future<environment> create_async(environment_spec spec = {}, std::stop_token stop = {});

    /// All living environments.
    std::vector<environment_info> list() const;
    /// By id, unique prefix of one (at least 4 characters), or name. Throws environment_not_found_exception.
    environment_info find(std::string_view environment) const;
    /// Ends an environment. Throws environment_not_found_exception; cleanup_exception when it is busy and
    /// `force` is not given, or when residue is left (with the receipt).
    teardown_receipt cleanup(std::string_view environment, bool force = false);
    /// Ends all environments and refuses new ones; what runs in them fails with `environment_gone`. The
    /// receipts of those that were living; residue is in them, not thrown. May be called while other threads
    /// use the runtime.
    std::vector<teardown_receipt> shutdown();
    /// Finishes what crashed runtimes of this user left, in the caller's thread: a receipt for each
    /// environment of theirs; residue is in them, not thrown. A journal that cannot be read is residue of
    /// kind `journal`. What another program is finishing is left to it.
    std::vector<teardown_receipt> cleanup_orphans();

    runtime_abilities abilities() const;

    /// Limits, defaults and intervals from now on. Living environments keep what they were created with, and
    /// what is held above a lowered limit stays held. Throws invalid_argument_exception and changes nothing.
    void configure(runtime_config config);
    runtime_config configuration() const;

    /// The last events, oldest first; of one environment (by id) or, for an empty id, of all.
    std::vector<runtime_event> events(std::size_t most = 100, std::string_view environment_id = {}) const;
    /// The runtime's actors that ended when they should not have, the last hundred, oldest first.
    std::vector<crash_report> crash_reports() const;
    /// What all environments use together, measured within the last second, and the alerts in force. Each
    /// alert is an event as well, when it is raised and when it is over.
    resource_usage usage() const;
    /// Who supervises whom and in what state, as JSON, for people and tools that watch.
    std::string tree() const;

private:
    std::shared_ptr<class runtime_core> core_;
};

} // namespace gestvenv
