// SPDX-License-Identifier: MIT
// Waits for the end of client processes whose environments end with them.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/process_handle.hpp"
#include "system/process/reactor.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>

namespace gestvenv {

/// Thread-safe.
class client_watch {
public:
    /// `ended` is called once for each environment whose owner has ended, on a thread of this object's; it must not
    /// block.
    static outcome<std::unique_ptr<client_watch>>
    start(std::function<void(const std::string& environment_id)> ended);

    /// Holds a process of user `user` by its pidfd. not_found where there is no such process; permission_denied where it
    /// belongs to another user.
    static outcome<process_handle> hold(pid_t owner, uid_t user);
    /// Watches it from now on; one that has ended meanwhile is heard of at once.
    outcome<void> add(const std::string& environment_id, process_handle owner);
    void remove(const std::string& environment_id);

private:
    client_watch() = default;

    struct watched {
        process_handle process;
        reactor::token token = 0;
    };
    std::function<void(const std::string&)> ended_;
    std::mutex mutex_;
    std::map<std::string, watched> watched_;
    /// Last: its thread ends first.
    std::unique_ptr<reactor> reactor_;
};

} // namespace gestvenv
