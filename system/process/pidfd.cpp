#include "system/process/pidfd.hpp"

#include "system/process/system_failure.hpp"

#include <sys/syscall.h>

#include <cerrno>
#include <poll.h>
#include <string>

namespace gestvenv {

outcome<descriptor> open_pidfd(pid_t pid) {
    auto number = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (number < 0)
        return system_failure(errno, "cannot open a descriptor of process " + std::to_string(pid));
    return descriptor{number};
}

outcome<bool> send_signal(const descriptor& pidfd, int signal_number) {
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal_number, nullptr, 0) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    return system_failure(errno, "cannot send signal " + std::to_string(signal_number));
}

bool has_ended(const descriptor& pidfd, std::chrono::milliseconds limit) {
    pollfd item{pidfd.get(), POLLIN, 0};
    int ready = 0;
    do
        ready = ::poll(&item, 1, static_cast<int>(limit.count()));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

} // namespace gestvenv
