// SPDX-License-Identifier: MIT
// What an environment could have left on the machine.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::test {

/// What is there of the environment whose id begins with `id`: folders, cgroups, mounts. Once no other
/// launcher of `user` is at work, also the folders that all environments of a user share.
std::vector<std::string> traces_of(const std::string& id, uid_t user);

/// Waits until nothing is there, and fails the test when something stays.
void check_nothing_left(const std::string& id, uid_t user);

/// The id in `env-ID`, which a command finds in $VIRTUAL_ENV_PROMPT.
std::string id_in(const std::string& prompt);

} // namespace gestvenv::test
