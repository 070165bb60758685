// SPDX-License-Identifier: MIT
// The launcher's first word: what it can do here.
#pragma once

#include "messages/outcome.hpp"
#include "system/launcher/abilities.hpp"
#include "system/process/protocol.hpp"
#include "system/storage/storage_root.hpp"

#include <string>

namespace gestvenv {

/// The folder over which every keeper attaches its environment's storage.
std::string attach_path_in(const std::string& root);

/// The root, held and locked, with that folder in it.
outcome<storage_root> open_attach_root(const std::string& root, const std::string& spare);

protocol::greeting greeting_for(const abilities& able);

} // namespace gestvenv
