// SPDX-License-Identifier: MIT
// A failed system call as an error of ours.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>

namespace gestvenv {

/// `what` says what was being done ("cannot create the folder /x"); the reason is added. EACCES and EPERM
/// become `permission_denied`, ENOSPC and EDQUOT `storage_full`, anything else `system_failure`. Descriptor
/// and memory exhaustion get a hint of their own.
tl::unexpected<error> system_failure(int error_number, std::string_view what);

/// The same for a process or thread that could not be started: there EAGAIN means a limit of their number
/// (fork(2), pthread_create(3)), and gets a hint too.
tl::unexpected<error> start_failure(int error_number, std::string_view what);

/// What helps where descriptors, memory or space are exhausted; empty for any other error.
std::string hint_for(int error_number);
/// The same for a start.
std::string hint_for_start(int error_number);

} // namespace gestvenv
