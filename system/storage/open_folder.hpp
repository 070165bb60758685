// SPDX-License-Identifier: MIT
// Opening folders by a name that may lead somewhere else by now: a symbolic link swapped in meanwhile and a
// mount never lead outside.
#pragma once

#include "system/posix/descriptor.hpp"

#include <sys/types.h>

namespace gestvenv {

/// Opens the folder `name` beneath `parent`, through no link and into no mount (EXDEV); errno says why not.
descriptor open_beneath(int parent, const char* name, int flags);

/// Changes the mode of an open file, which may have been opened by O_PATH: fchmod(2) refuses those, and
/// fchmodat(2) follows what the name has become.
bool change_mode(int file, mode_t mode);

/// The same as `open_beneath`, with what keeps the folder from being read, emptied or moved lifted where the
/// caller may: its mode becomes 0700, and it is neither immutable nor only to be appended to.
descriptor open_for_removal(int parent, const char* name);

} // namespace gestvenv
