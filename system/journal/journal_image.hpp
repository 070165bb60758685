// SPDX-License-Identifier: MIT
// A journal's file and its write-ahead log as one database in memory: read without a lock, without a trace in
// the folder, and without disturbing a writer at the same time.
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/sqlite.hpp"

#include <filesystem>

namespace gestvenv {

/// The journal at `path` as it is at one moment, whether its owner is alive or dead. Retries when the owner
/// moves the log into the file meanwhile. The connection is for reading.
outcome<sqlite::database> open_image(const std::filesystem::path& path);

} // namespace gestvenv
