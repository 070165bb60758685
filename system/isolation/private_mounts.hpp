// SPDX-License-Identifier: MIT
// Keeping what is mounted in a mount namespace of one's own from appearing in others.
#pragma once

namespace gestvenv {

/// For a process that was born in a mount namespace of its own. Works below a root that is no mount point as
/// well, where a system lies in a folder (chroot(2)). Returns 0 or the errno value.
int make_mounts_private() noexcept;

} // namespace gestvenv
