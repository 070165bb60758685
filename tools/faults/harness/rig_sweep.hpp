// SPDX-License-Identifier: MIT
// What a rig has made is removed when the rig is killed, too: by a process of its own that waits for its end.
#pragma once

#include "system/posix/descriptor.hpp"

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace gestvenv::faults {

/// Starts that process, which no signal to the rig's terminal or its group reaches, and which is no
/// child. When this object's process ends without its destructor, everything in the groups is killed, and
/// they and the folders are removed.
class rig_sweep {
public:
    /// `folder` is the rig's, `user` the one whom it makes up. Throws std::runtime_error.
    rig_sweep(const std::filesystem::path& folder, uid_t user);
    rig_sweep(const rig_sweep&) = delete;
    rig_sweep& operator=(const rig_sweep&) = delete;
    /// Everything has been removed.
    ~rig_sweep();

    /// Before it is made.
    void add_group(const std::string& path) const;

private:
    void tell(const std::string& line) const;

    descriptor told_;
};

} // namespace gestvenv::faults
