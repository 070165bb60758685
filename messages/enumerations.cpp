// SPDX-License-Identifier: MIT
#include <gestvenv/enumerations.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

// One switch per enumeration and no default in any of them: a missing enumerator is a compiler warning.

constexpr std::string_view spelling(backend value) noexcept {
    switch (value) {
    case backend::uv:
        return "uv";
    case backend::pip:
        return "pip";
    case backend::pdm:
        return "pdm";
    case backend::poetry:
        return "poetry";
    case backend::automatic:
        return "auto";
    }
    return {};
}

constexpr std::string_view spelling(environment_status value) noexcept {
    switch (value) {
    case environment_status::pending:
        return "pending";
    case environment_status::creating:
        return "creating";
    case environment_status::ready:
        return "ready";
    case environment_status::running:
        return "running";
    case environment_status::cleaning_up:
        return "cleaning_up";
    case environment_status::destroyed:
        return "destroyed";
    case environment_status::failed:
        return "failed";
    }
    return {};
}

constexpr std::string_view spelling(isolation_level value) noexcept {
    switch (value) {
    case isolation_level::process:
        return "process";
    case isolation_level::namespace_:
        return "namespace";
    case isolation_level::container:
        return "container";
    case isolation_level::chroot:
        return "chroot";
    }
    return {};
}

constexpr std::string_view spelling(security_mode value) noexcept {
    switch (value) {
    case security_mode::permissive:
        return "permissive";
    case security_mode::restricted:
        return "restricted";
    case security_mode::sandboxed:
        return "sandboxed";
    }
    return {};
}

constexpr std::string_view spelling(shared_memory value) noexcept {
    switch (value) {
    case shared_memory::private_:
        return "private";
    case shared_memory::host:
        return "host";
    }
    return {};
}

constexpr std::string_view spelling(storage_backend value) noexcept {
    switch (value) {
    case storage_backend::disk:
        return "disk";
    case storage_backend::tmpfs:
        return "tmpfs";
    case storage_backend::memory:
        return "memory";
    }
    return {};
}

constexpr std::string_view spelling(containment value) noexcept {
    switch (value) {
    case containment::none:
        return "none";
    case containment::pid_namespace:
        return "pid_namespace";
    case containment::cgroup:
        return "cgroup";
    case containment::subreaper:
        return "subreaper";
    }
    return {};
}

constexpr std::string_view spelling(cleanup_reason value) noexcept {
    switch (value) {
    case cleanup_reason::requested:
        return "requested";
    case cleanup_reason::ttl_expired:
        return "ttl_expired";
    case cleanup_reason::inactive_timeout:
        return "inactive_timeout";
    case cleanup_reason::failed_state:
        return "failed_state";
    case cleanup_reason::force_cleanup_old:
        return "force_cleanup_old";
    case cleanup_reason::emergency_shutdown:
        return "emergency_shutdown";
    case cleanup_reason::owner_gone:
        return "owner_gone";
    case cleanup_reason::out_of_memory:
        return "out_of_memory";
    case cleanup_reason::actor_crashed:
        return "actor_crashed";
    case cleanup_reason::launcher_crashed:
        return "launcher_crashed";
    case cleanup_reason::orphaned:
        return "orphaned";
    }
    return {};
}

template <class Enum>
bool find(std::string_view text, Enum& value) noexcept {
    return find_spelling(text, value, [](Enum candidate) { return spelling(candidate); });
}

} // namespace

std::string_view to_string(backend value) noexcept {
    return spelling(value);
}
std::string_view to_string(environment_status value) noexcept {
    return spelling(value);
}
std::string_view to_string(isolation_level value) noexcept {
    return spelling(value);
}
std::string_view to_string(security_mode value) noexcept {
    return spelling(value);
}
std::string_view to_string(shared_memory value) noexcept {
    return spelling(value);
}

std::string_view to_string(storage_backend value) noexcept {
    return spelling(value);
}
std::string_view to_string(containment value) noexcept {
    return spelling(value);
}
std::string_view to_string(cleanup_reason value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, backend& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, environment_status& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, isolation_level& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, security_mode& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, shared_memory& value) noexcept {
    return find_spelling(text, value, [](shared_memory candidate) { return spelling(candidate); });
}

bool from_string(std::string_view text, storage_backend& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, containment& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, cleanup_reason& value) noexcept {
    return find(text, value);
}

} // namespace gestvenv
