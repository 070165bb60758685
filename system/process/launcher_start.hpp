// SPDX-License-Identifier: MIT
// Finding and starting the launcher.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/channel.hpp"
#include "system/process/protocol.hpp"

#include <gestvenv/enumerations.hpp>

#include <filesystem>
#include <string>

namespace gestvenv {

struct launcher_start_options {
    /// The program; empty: found as `find_launcher` says.
    std::filesystem::path program;
    /// Where one may be installed, looked at last; empty: that is not known.
    std::filesystem::path installed;
    /// Descriptor of the state folder's lock, shared with the launcher; -1: none.
    int lock = -1;
    /// Root of the folder that storage is attached to, an absolute path.
    std::string attach_root;
    /// Where that folder is while no launcher runs (storage_root::open); empty: nowhere.
    std::string spare_root;
    /// File of what earlier starts found out about this machine (system/trial_record.hpp); empty: all is
    /// tried.
    std::string trials;
    /// Best containment that may be used; less than there is only in tests.
    containment limit = containment::pid_namespace;
};

struct launcher_connection {
    channel connection;
    protocol::greeting greeting;
};

/// Where the variable GESTVENV_LAUNCHER says, else beside the running program, beside the library this is
/// part of, in `../libexec/gestvenv` of either, or at `installed`. `launcher_unavailable` names the places.
outcome<std::filesystem::path> find_launcher(const std::filesystem::path& installed = {});

/// A launcher that has been started and may not be ready yet: what needs no launcher is done meanwhile.
class starting_launcher {
public:
    /// Starts the process; blocks for less than a millisecond. The caller's process gets no child (the
    /// intermediate one is reaped here, and its end raises no SIGCHLD), and nothing but its own descriptors
    /// (and the terminal of have_terminal_restored()) reaches the launcher. Safe in a process of many threads.
    static outcome<starting_launcher> begin(launcher_start_options options);

    /// Waits up to 10 s for its greeting, and checks the version. A launcher that ends on its way is replaced
    /// once.
    outcome<launcher_connection> finish() &&;

private:
    starting_launcher() = default;

    launcher_start_options options_;
    std::string program_;
    channel connection_;
};

/// Both in one.
outcome<launcher_connection> start_launcher(launcher_start_options options);

} // namespace gestvenv
