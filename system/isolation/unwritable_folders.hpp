// SPDX-License-Identifier: MIT
// Building as an ordinary user in a tree that is another user's, or read-only.
#pragma once

#include <string>

namespace gestvenv {

/// For a process in a user namespace that knows one id, before an overlay is laid over `root`: folders in
/// which is built, `built` and those below it, and which it may read but not write in, are made in `upper`
/// as its own, so that they are shown writable. At most some thousand of them. Those that it may write in
/// and that belong to an id that the namespace does not know cannot be copied, and nothing is written where
/// there is one on the way from `root` to `built`. Returns 0 or an errno value.
int take_over_unwritable(const std::string& root, const std::string& built, const std::string& upper);

} // namespace gestvenv
