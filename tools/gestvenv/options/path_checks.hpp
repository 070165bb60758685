// SPDX-License-Identifier: MIT
// What paths that an option names lead to.
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>

namespace gestvenv::cli {

/// With the rights the program acts with, not those of its caller. `mode` as for access(2); false with errno.
bool may(const std::filesystem::path& path, int mode);

/// What an errno means.
std::string reason(int number);

/// The kind of file there is, or why it cannot be told.
outcome<mode_t> kind_of(const char* option, const std::filesystem::path& path, const char* hint);

} // namespace gestvenv::cli
