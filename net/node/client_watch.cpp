// SPDX-License-Identifier: MIT
#include "net/node/client_watch.hpp"

#include "messages/fault_point.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <sys/epoll.h>
#include <sys/stat.h>

namespace gestvenv {

outcome<std::unique_ptr<client_watch>>
client_watch::start(std::function<void(const std::string& environment_id)> ended) {
    std::unique_ptr<client_watch> made{new client_watch};
    made->ended_ = std::move(ended);
    auto events = reactor::start();
    if (!events)
        return failure(std::move(events).error());
    made->reactor_ = std::move(*events);
    return made;
}

outcome<process_handle> client_watch::hold(pid_t owner, uid_t user) {
    auto process = open_process(owner);
    if (!process)
        return failure(error_code::not_found,
                       fmt::format("there is no process {} to own an environment", owner));
    // After it is held: the number cannot name another one from here on.
    struct stat status {};
    if (::stat(fmt::format("/proc/{}", owner).c_str(), &status) != 0 || has_ended(*process))
        return failure(error_code::not_found, fmt::format("process {} has ended", owner));
    if (status.st_uid != user && user != 0)
        return failure(error_code::permission_denied,
                       fmt::format("process {} belongs to another user", owner));
    if (process->watched() < 0)
        return failure(
            error_code::isolation_unavailable,
            "this kernel or its filter has no pidfd_open(2), without which an owner cannot be watched",
            "hold the connection in place of naming a process");
    return process;
}

outcome<void> client_watch::add(const std::string& environment_id, process_handle owner) {
    fault_point("owners: one is about to be watched");
    const int number = owner.watched();
    std::scoped_lock lock{mutex_};
    auto token = reactor_->watch(number, EPOLLIN, [this, environment_id](std::uint32_t) {
        fault_point("owners: one has ended");
        remove(environment_id);
        ended_(environment_id);
    });
    if (!token)
        return failure(std::move(token).error());
    watched_.insert_or_assign(environment_id, watched{std::move(owner), *token});
    return {};
}

void client_watch::remove(const std::string& environment_id) {
    std::scoped_lock lock{mutex_};
    auto found = watched_.find(environment_id);
    if (found == watched_.end())
        return;
    reactor_->unwatch(found->second.process.watched(), found->second.token);
    watched_.erase(found);
}

} // namespace gestvenv
