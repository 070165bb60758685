// SPDX-License-Identifier: MIT
// The enumerations of the API, with the spellings its users know (`to_string`, `from_string`).
// Values are part of the wire format: append only.
#pragma once

#include <cstdint>
#include <string_view>

namespace gestvenv {

/// Who resolves, downloads and installs packages.
enum class backend : std::uint8_t {
    uv,
    pip,
    pdm,
    poetry,
    automatic, ///< spelled "auto": the first of them, in this order, that is there
};

/// Where an environment is in its life. Which transitions are legal: actors/environment_state.hpp.
enum class environment_status : std::uint8_t {
    pending,     ///< admitted, nothing made yet
    creating,    ///< storage, layout and first packages are being made
    ready,       ///< may be used, no command running
    running,     ///< at least one command or installation runs
    cleaning_up, ///< being torn down
    destroyed,   ///< gone, proven by its receipt
    failed,      ///< unusable; will be torn down
};

/// Where a process of the environment runs.
enum class isolation_level : std::uint8_t {
    process,    ///< keeper of its own, own environment and limits, the host's file system
    namespace_, ///< spelled "namespace": own ipc, uts, cgroup, user and network namespaces, pivoted root
    container,  ///< podman or docker
    chroot,     ///< a jail root
};

/// What a process of the environment may do.
enum class security_mode : std::uint8_t {
    permissive, ///< what the caller may do
    restricted, ///< scrubbed environment, no new privileges, root as in a container (default)
    sandboxed,  ///< system-call allow-list, no network unless granted, read-only system
};

/// Whose shared memory, semaphores and message queues (System V and POSIX) and `/dev/shm` commands see.
enum class shared_memory : std::uint8_t {
    private_, ///< the environment's own, gone with it, where there is a pid namespace (default)
    host,     ///< the host's: for X11's MIT-SHM, CUDA MPS, segments of the host program
};

/// Where the environment's files live.
enum class storage_backend : std::uint8_t {
    disk,   ///< a folder on disk
    tmpfs,  ///< a tmpfs of its own, in RAM (default)
    memory, ///< a folder in /dev/shm
};

/// How the processes of an environment are held together, as found possible on this machine.
enum class containment : std::uint8_t {
    none,          ///< nothing has been started yet
    pid_namespace, ///< the keeper is init of a pid namespace: its death is the death of all
    cgroup,        ///< a cgroup v2 of its own, killed as a whole
    subreaper,     ///< best effort: descendants are adopted, walked and killed
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

std::string_view to_string(backend value) noexcept;
std::string_view to_string(environment_status value) noexcept;
std::string_view to_string(isolation_level value) noexcept;
std::string_view to_string(security_mode value) noexcept;
std::string_view to_string(shared_memory value) noexcept;
std::string_view to_string(storage_backend value) noexcept;
std::string_view to_string(containment value) noexcept;
std::string_view to_string(cleanup_reason value) noexcept;

/// Each sets `value` and returns true, or leaves it alone and returns false. Spelling is exact, lower case.
bool from_string(std::string_view text, backend& value) noexcept;
bool from_string(std::string_view text, environment_status& value) noexcept;
bool from_string(std::string_view text, isolation_level& value) noexcept;
bool from_string(std::string_view text, security_mode& value) noexcept;
bool from_string(std::string_view text, shared_memory& value) noexcept;
bool from_string(std::string_view text, storage_backend& value) noexcept;
bool from_string(std::string_view text, containment& value) noexcept;
bool from_string(std::string_view text, cleanup_reason& value) noexcept;

} // namespace gestvenv
