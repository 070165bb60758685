// Processes by descriptor: a pidfd names one process for ever, where a number may come to name another.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/descriptor.hpp"

#include <sys/types.h>

#include <chrono>

namespace gestvenv {

/// pidfd_open(2), close-on-exec.
outcome<descriptor> open_pidfd(pid_t pid);

/// pidfd_send_signal(2). False when the process is gone already, which is no error.
outcome<bool> send_signal(const descriptor& pidfd, int signal_number);

/// Whether the process ended, waiting up to `limit` for it.
bool has_ended(const descriptor& pidfd, std::chrono::milliseconds limit = std::chrono::milliseconds{0});

} // namespace gestvenv
