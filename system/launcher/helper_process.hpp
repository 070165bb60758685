// SPDX-License-Identifier: MIT
// A child of the launcher for work that takes as long as there are files: removing a folder must not keep the
// launcher from serving the other environments.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/protocol.hpp"

#include <functional>
#include <string>
#include <sys/types.h>

namespace gestvenv {

/// One such child. Its report arrives through `reader()`; complete when the stream ends.
class helper_process {
public:
    /// Clones the child, which runs `work`, keeping only the descriptors in `kept`, and ends with the
    /// launcher.
    static outcome<helper_process> start(const std::function<protocol::ended()>& work, std::vector<int> kept);
    /// The same for work with an answer of another kind.
    static outcome<helper_process> start_any(const std::function<std::string()>& work, std::vector<int> kept);

    int reader() const noexcept { return reader_.get(); }
    pid_t pid() const noexcept { return pid_; }

    /// Takes what has arrived; true once the child has said everything (or died).
    bool read();
    /// What it did; residue says so when it died without a report.
    protocol::ended report() const;
    /// What it said, as it is.
    const std::string& bytes() const noexcept { return bytes_; }

private:
    pid_t pid_ = -1;
    descriptor reader_;
    std::string bytes_;
};

/// Removes `name` (an environment's folder) below `parent`.
protocol::ended remove_folder(const descriptor& parent, const std::string& path, const std::string& name);

/// Carries out a whole undo request of an earlier runtime's journal.
protocol::ended carry_out(const protocol::undo& request);

} // namespace gestvenv
