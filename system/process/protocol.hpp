// SPDX-License-Identifier: MIT
// What runtime, launcher and keepers say to each other. Every message is a kind, the number of the request it
// is or answers, and a body described by its `inspect` function (messages/wire.hpp), sent over a channel
// (system/process/channel.hpp). The bodies between runtime and keeper lie in
// system/process/keeper_messages.hpp.
//
//   runtime -> launcher   set_layout, create, start_keeper, keeper_taken, sample, list_processes,
//                         end, undo, quit
//   launcher -> runtime   greeting, created, keeper_started, sampled, listed, ended, undone, refused, farewell
//   runtime -> keeper     run, kill, signal
//   keeper -> runtime     not_started, stopped, exited
//
// Both ends are the same build: the greeting carries the version, and a mismatch ends the connection.
#pragma once

#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/limit_reached.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/removal_counters.hpp>
#include <gestvenv/resource_limits.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include "messages/wire.hpp"
#include "system/limits/limit_places.hpp"
#include "system/limits/usage_reading.hpp"
#include "system/process/keeper_messages.hpp"
#include "system/python/venv_layout.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::protocol {

/// Raised with every change of a message.
inline constexpr std::uint32_t version = 9;

/// One of the launcher's arguments, as long as an environment's id: in a keeper's /proc/PID/cmdline its environment's id is
/// in its place.
inline constexpr std::string_view no_environment_shown = "no-environment----------------------";

enum class kind : std::uint8_t {
    greeting,
    set_layout,
    create,
    created,
    start_keeper,
    keeper_started,
    end,
    ended,
    undo,
    undone,
    refused,
    quit,
    farewell,
    run,
    not_started,
    exited,
    kill,
    sample,
    keeper_taken,
    sampled,
    signal,
    stopped,
    list_processes,
    listed,
};

/// launcher: what it found possible on this machine.
struct greeting {
    std::string program_version;
    std::uint32_t protocol_version = version;
    std::int64_t launcher_pid = 0;
    containment best = containment::none;
    /// Where each environment gets a cgroup (v2) of its own, and each command one below it; empty: nowhere.
    std::string cgroup_parent;
    limit_places limits;
    /// Whether a storage can be a mount of its own.
    bool mounts = false;
    /// Why the best is not `pid_namespace` with cgroups and mounts; one sentence each.
    std::vector<std::string> limitations;
};

/// runtime: the layout of one interpreter's virtual environments, used by later `create`s.
struct set_layout {
    std::uint64_t layout_number = 0;
    python::venv_layout layout;
};

/// runtime: make storage and layout of one environment.
struct create {
    std::string environment_id;
    std::string prompt;
    storage_backend storage = storage_backend::tmpfs;
    /// Upper bound of the storage, in bytes and in files and folders.
    std::int64_t size_bytes = 0;
    std::int64_t size_files = 0;
    /// Where folders are made; empty: the documented root of the storage backend.
    std::string base_path;
    /// Written into the folder so that a later start knows it as ours.
    std::string owner_marker;
    /// 0: no virtual environment is written (a scratch environment).
    std::uint64_t layout_number = 0;
};

struct created {
    /// The environment's folder as its commands see it, and as the host does.
    std::string storage_path;
    std::string host_path;
    /// What the storage is, e.g. `detached tmpfs`, `folder on disk`.
    std::string storage_kind;
};

/// runtime: start the keeper of an environment; answered with `keeper_started` and a channel to it.
struct start_keeper {
    std::string environment_id;
    /// What its groups are called; made exclusively, `name_in_use` when one of them is there already.
    std::string group_name;
    /// `max_memory` with what the storage may take of it.
    resource_limits limits;
    /// Whose shared memory, semaphores and queues it has, where there is a pid namespace.
    shared_memory shm = shared_memory::private_;
};

struct keeper_started {
    std::int64_t keeper_pid = 0;
    /// As start_time_of(); 0: it has ended already.
    std::uint64_t start_time = 0;
    containment in_force = containment::none;
    /// The cgroups made for it, as paths below the cgroup file system, for the journal.
    std::vector<std::string> cgroups;
};

/// runtime: the connection to the keeper has arrived; not answered.
struct keeper_taken {
    std::string environment_id;
};

/// runtime: tear one environment down: stop politely, wait up to `grace`, kill, remove.
struct end {
    std::string environment_id;
    std::chrono::milliseconds grace{0};
};

/// launcher: what a teardown did. Part of a receipt.
struct ended : removal_counters {
    std::vector<gestvenv::residue> residue;
    /// Those that may be another program's.
    std::vector<gestvenv::residue> unattributed;
    /// Whether the keeper ended by itself after the kernel had killed for want of memory, and the limit then.
    bool out_of_memory = false;
    std::optional<limit_reached> limit;
};

/// A process as a journal knows it: by its number and the time of its start, which tell it from another that
/// has got its number since (proc(5), /proc/pid/stat, field 22; ticks since boot). Without a number: the program was
/// killed before it had noted it.
struct noted_process {
    std::int64_t pid = -1;
    std::uint64_t start_time = 0;
};

/// runtime: remove what an earlier runtime or launcher left, as its journal has it.
struct undo {
    /// A folder is removed only if it holds a marker file with this owner.
    std::vector<std::string> folders;
    std::string owner_marker;
    /// Cgroup directories, killed and removed; only those named as ours are touched.
    std::vector<std::string> cgroups;
    /// Killed with all below them; a keeper that was stopped does not see its launcher die. One without a number is
    /// looked for by its environment (system/launcher/shown_environment.hpp).
    std::vector<noted_process> keepers;
    /// All of it is of this one.
    std::string environment_id;
};

/// runtime: tell what these environments use.
struct sample {
    std::vector<std::string> environment_ids;
};

/// launcher: those of them that there are.
struct sampled {
    std::vector<usage_reading> readings;
};

/// runtime: tell the processes of an environment, those with most memory, `most` of them at most.
struct list_processes {
    std::string environment_id;
    std::int64_t most = 0;
};

/// A process, and what it was started with: the arguments, a zero byte behind each but perhaps the last, of which a long
/// list is cut. They may hold secrets; `facts.command_line` is left empty.
struct listed_process {
    process_info facts;
    std::string arguments;
};

/// launcher, from a child that reads /proc: those that it has found.
struct listed {
    std::chrono::system_clock::time_point at;
    std::int64_t total = 0;
    std::vector<listed_process> processes;
};

/// From the launcher's child that looks at folders, by environment.
struct folder_sizes {
    std::map<std::string, std::int64_t> bytes;
};

/// Any request may be answered by this instead.
struct refused {
    error reason;
};

template <class Inspector>
bool inspect(Inspector& f, greeting& x) {
    return f.object(x).fields(f.field("program_version", x.program_version),
                              f.field("protocol_version", x.protocol_version),
                              f.field("launcher_pid", x.launcher_pid), f.field("best", x.best),
                              f.field("cgroup_parent", x.cgroup_parent), f.field("limits", x.limits),
                              f.field("mounts", x.mounts), f.field("limitations", x.limitations));
}

template <class Inspector>
bool inspect(Inspector& f, set_layout& x) {
    return f.object(x).fields(f.field("layout_number", x.layout_number), f.field("layout", x.layout));
}

template <class Inspector>
bool inspect(Inspector& f, create& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id), f.field("prompt", x.prompt),
                              f.field("storage", x.storage), f.field("size_bytes", x.size_bytes),
                              f.field("size_files", x.size_files), f.field("base_path", x.base_path),
                              f.field("owner_marker", x.owner_marker),
                              f.field("layout_number", x.layout_number));
}

template <class Inspector>
bool inspect(Inspector& f, created& x) {
    return f.object(x).fields(f.field("storage_path", x.storage_path), f.field("host_path", x.host_path),
                              f.field("storage_kind", x.storage_kind));
}

template <class Inspector>
bool inspect(Inspector& f, start_keeper& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id),
                              f.field("group_name", x.group_name), f.field("limits", x.limits),
                              f.field("shm", x.shm));
}

template <class Inspector>
bool inspect(Inspector& f, keeper_started& x) {
    return f.object(x).fields(f.field("keeper_pid", x.keeper_pid), f.field("start_time", x.start_time),
                              f.field("in_force", x.in_force), f.field("cgroups", x.cgroups));
}

template <class Inspector>
bool inspect(Inspector& f, keeper_taken& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id));
}

template <class Inspector>
bool inspect(Inspector& f, end& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id), f.field("grace", x.grace));
}

template <class Inspector>
bool inspect(Inspector& f, ended& x) {
    return inspect_with_counters(f, x, f.field("residue", x.residue), f.field("unattributed", x.unattributed),
                                 f.field("out_of_memory", x.out_of_memory), f.field("limit", x.limit));
}

template <class Inspector>
bool inspect(Inspector& f, noted_process& x) {
    return f.object(x).fields(f.field("pid", x.pid), f.field("start_time", x.start_time));
}

template <class Inspector>
bool inspect(Inspector& f, undo& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id), f.field("folders", x.folders),
                              f.field("owner_marker", x.owner_marker), f.field("cgroups", x.cgroups),
                              f.field("keepers", x.keepers));
}

template <class Inspector>
bool inspect(Inspector& f, sample& x) {
    return f.object(x).fields(f.field("environment_ids", x.environment_ids));
}

template <class Inspector>
bool inspect(Inspector& f, sampled& x) {
    return f.object(x).fields(f.field("readings", x.readings));
}

template <class Inspector>
bool inspect(Inspector& f, list_processes& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id), f.field("most", x.most));
}

template <class Inspector>
bool inspect(Inspector& f, listed_process& x) {
    return f.object(x).fields(f.field("facts", x.facts), f.field("arguments", x.arguments));
}

template <class Inspector>
bool inspect(Inspector& f, listed& x) {
    return f.object(x).fields(f.field("at", x.at), f.field("total", x.total),
                              f.field("processes", x.processes));
}

template <class Inspector>
bool inspect(Inspector& f, folder_sizes& x) {
    return f.object(x).fields(f.field("bytes", x.bytes));
}

template <class Inspector>
bool inspect(Inspector& f, refused& x) {
    return f.object(x).fields(f.field("reason", x.reason));
}

/// Precedes every body.
struct header {
    kind what = kind::refused;
    /// Chosen by the side that asks, repeated in the answer.
    std::uint64_t request = 0;
};

/// The bytes of one message.
template <class Body>
std::string encode(kind what, std::uint64_t request, Body body) {
    std::string bytes;
    wire::writer out{bytes};
    auto number = static_cast<std::uint8_t>(what);
    out.apply(number);
    out.apply(request);
    out.apply(body);
    return bytes;
}

/// A message without a body.
inline std::string encode(kind what, std::uint64_t request) {
    std::string bytes;
    wire::writer out{bytes};
    auto number = static_cast<std::uint8_t>(what);
    out.apply(number);
    out.apply(request);
    return bytes;
}

/// Takes the header off `bytes`, leaving the body; unset when it is not there.
inline std::optional<header> take_header(std::string_view& bytes) {
    wire::reader in{bytes};
    std::uint8_t number = 0;
    header result;
    if (!in.apply(number) || number > static_cast<std::uint8_t>(kind::listed) || !in.apply(result.request))
        return std::nullopt;
    result.what = static_cast<kind>(number);
    bytes = in.rest();
    return result;
}

/// The request that a message is or answers; 0 where it has no header.
inline std::uint64_t request_of(std::string_view bytes) {
    auto head = take_header(bytes);
    return head ? head->request : 0;
}

} // namespace gestvenv::protocol
