// SPDX-License-Identifier: MIT
#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <cstring>
#include <string>

namespace gestvenv {

namespace {

error_code code_of(int error_number) {
    switch (error_number) {
    case EACCES:
    case EPERM:
        return error_code::permission_denied;
    case ENOSPC:
    case EDQUOT:
        return error_code::storage_full;
    default:
        return error_code::system_failure;
    }
}

std::string message_of(int error_number, std::string_view what) {
    std::string message{what};
    message += ": ";
    message += std::strerror(error_number); // NOLINT(concurrency-mt-unsafe): glibc's is, for known numbers
    return message;
}

} // namespace

std::string hint_for(int error_number) {
    switch (error_number) {
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (ulimit -n) or keep fewer environments at a time";
    case ENOMEM:
        return "free some memory or keep fewer environments at a time";
    case ENOSPC:
    case EDQUOT:
        return "free some space, or give the environment more with max_disk";
    default:
        return {};
    }
}

std::string hint_for_start(int error_number) {
    if (error_number == EAGAIN)
        return "the limit of processes and threads is reached: raise it (ulimit -u, pids.max of the cgroup, "
               "--pids-limit of the container, TasksMax of the unit) or end some";
    return hint_for(error_number);
}

tl::unexpected<error> system_failure(int error_number, std::string_view what) {
    return failure(code_of(error_number), message_of(error_number, what), hint_for(error_number));
}

tl::unexpected<error> start_failure(int error_number, std::string_view what) {
    return failure(code_of(error_number), message_of(error_number, what), hint_for_start(error_number));
}

} // namespace gestvenv
