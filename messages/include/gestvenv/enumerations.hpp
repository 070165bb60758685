// SPDX-License-Identifier: MIT
// The enumerations of the API, with their spellings in JSON, options and messages (`to_string`,
// `from_string`). The numeric values are part of the wire format: append only. All functions are thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace gestvenv {

/// The tool that resolves, downloads and installs packages.
enum class backend : std::uint8_t {
    uv,
    pip,
    pdm,
    poetry,
    automatic, ///< spelled "auto": the first of them, in this order, that is installed
};

/// The state of an environment. actors/environment_lifecycle.hpp lists the legal transitions.
enum class environment_status : std::uint8_t {
    pending,     ///< admitted, nothing made yet
    creating,    ///< storage, layout and first packages are being made
    ready,       ///< may be used, no command running
    running,     ///< at least one command or installation runs
    cleaning_up, ///< teardown has begun
    destroyed,   ///< removed, proven by its receipt
    failed,      ///< unusable; will be torn down
};

/// How far an environment's processes are separated from the host. This version supports `process`; it
/// refuses the other levels with `isolation_unavailable`.
enum class isolation_level : std::uint8_t {
    process,    ///< own keeper, storage and limits, on the host's file system
    namespace_, ///< spelled "namespace": own ipc, uts, cgroup, user and network namespaces, pivoted root
    container,  ///< podman or docker
    chroot,     ///< a jail root
};

/// The rights of an environment's processes. This version refuses `sandboxed`.
enum class security_mode : std::uint8_t {
    permissive, ///< the caller's rights
    restricted, ///< scrubbed environment, no new privileges, root as in a container (default)
    sandboxed,  ///< system-call allow-list, no network unless granted, read-only system
};

/// Whether commands see shared memory, semaphores, message queues (System V and POSIX) and `/dev/shm` of
/// their own, or the host's.
enum class shared_memory : std::uint8_t {
    private_, ///< the environment's own, removed with it, if there is a pid namespace (default)
    host,     ///< the host's: for X11's MIT-SHM, CUDA MPS, segments of the host program
};

/// The location of the environment's files.
enum class storage_backend : std::uint8_t {
    disk,   ///< a folder on disk
    tmpfs,  ///< a tmpfs of its own, in RAM (default)
    memory, ///< a folder in /dev/shm
};

/// The mechanism by which an environment's processes are killed as a whole, as far as this machine allows.
enum class containment : std::uint8_t {
    none,          ///< no process has been started yet
    pid_namespace, ///< the keeper is init of a pid namespace: its death kills all others in it
    cgroup,        ///< a cgroup v2 of its own, killed as a whole
    subreaper,     ///< best effort: orphaned descendants are adopted, found by a walk and killed
};

/// Why an environment ended.
enum class cleanup_reason : std::uint8_t {
    requested,
    ttl_expired,
    inactive_timeout,
    failed_state,
    force_cleanup_old,
    emergency_shutdown,
    owner_gone,
    out_of_memory,
    actor_crashed,
    launcher_crashed,
    orphaned,
};

/// The spelling; empty for a value that is none of the enumerators.
std::string_view to_string(backend value) noexcept;
std::string_view to_string(environment_status value) noexcept;
std::string_view to_string(isolation_level value) noexcept;
std::string_view to_string(security_mode value) noexcept;
std::string_view to_string(shared_memory value) noexcept;
std::string_view to_string(storage_backend value) noexcept;
std::string_view to_string(containment value) noexcept;
std::string_view to_string(cleanup_reason value) noexcept;

/// Each sets `value` and returns true for an exact, lower-case spelling. For any other text it returns false
/// and leaves `value` unchanged.
bool from_string(std::string_view text, backend& value) noexcept;
bool from_string(std::string_view text, environment_status& value) noexcept;
bool from_string(std::string_view text, isolation_level& value) noexcept;
bool from_string(std::string_view text, security_mode& value) noexcept;
bool from_string(std::string_view text, shared_memory& value) noexcept;
bool from_string(std::string_view text, storage_backend& value) noexcept;
bool from_string(std::string_view text, containment& value) noexcept;
bool from_string(std::string_view text, cleanup_reason& value) noexcept;

} // namespace gestvenv
