// Finding and starting the launcher.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/channel.hpp"
#include "system/process/protocol.hpp"

#include <gestvenv/enumerations.hpp>

#include <filesystem>

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

/// Starts it and waits up to 10 s for its greeting; checks the version. The caller's process gets no child
/// (the intermediate one is reaped here, and its end raises no SIGCHLD), and nothing but the three
/// descriptors reaches the launcher. Safe in a process of many threads.
outcome<launcher_connection> start_launcher(const launcher_start_options& options);

} // namespace gestvenv
