// SPDX-License-Identifier: MIT
// Where a user's node is: its socket, and the record by which it is found.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gestvenv {

/// The node's own entry in the state folder, from its start to its end.
struct node_record {
    pid_t pid = 0;
    /// Of the process, in clock ticks since the boot (proc_pid_stat(5)): tells it from a later one of the number.
    std::uint64_t start_time = 0;
    std::string socket;
    std::string version;
    std::chrono::system_clock::time_point started_at;
    /// Addresses of TCP; empty: none.
    std::vector<std::string> listens;
};

template <class Inspector>
bool inspect(Inspector& f, node_record& x) {
    return f.object(x).fields(f.field("pid", x.pid), f.field("start_time", x.start_time),
                              f.field("socket", x.socket), f.field("version", x.version),
                              f.field("started_at", x.started_at), f.field("listens", x.listens));
}

/// Files of the node of one user, below the state root.
class node_place {
public:
    explicit node_place(std::filesystem::path state_root) : root_(std::move(state_root)) {}

    std::filesystem::path record() const { return root_ / "node.json"; }
    std::filesystem::path log() const { return root_ / "node.log"; }
    const std::filesystem::path& root() const noexcept { return root_; }

    /// The record of a node that lives; none where there is none, or only that of a dead one.
    outcome<std::optional<node_record>> living() const;
    outcome<void> write(const node_record& record) const;
    void remove() const noexcept;
    /// The lock (flock(2)) that a node holds as long as it lives. illegal_transition: another one has it.
    outcome<descriptor> take() const;
    /// Held while a node is being started, so that two clients do not start two. Waits this long at most.
    outcome<descriptor> lock_start(std::chrono::milliseconds patience) const;
    /// Removes that lock's file; its holder calls it.
    void start_is_over() const noexcept;

private:
    outcome<void> make_root() const;
    std::filesystem::path root_;
};

/// The folder of a user's node socket, made with mode 0700 where it is missing: `$XDG_RUNTIME_DIR/gestvenv`, where that
/// is set and belongs to the effective user, else `/tmp/gestvenv-node-UID`. permission_denied for one that belongs to
/// another user, is a symbolic link, or that others may write to.
outcome<std::filesystem::path> node_socket_folder();

/// Where a service manager listens for a node that is to come (systemd.socket(5), `%t/gestvenv/node.sock`): a client that
/// connects has it started. Unset: no such socket is there, or the one that is there is left of a dead node.
std::optional<std::filesystem::path> socket_of_service_manager();

/// A socket that listens at `path`, mode 0600; one that is left of a dead node is replaced.
outcome<descriptor> listen_at(const std::filesystem::path& path);

/// Removes it; and the folder around it, if that is empty and was made for it.
void remove_socket(const std::filesystem::path& path, bool with_folder) noexcept;

} // namespace gestvenv
