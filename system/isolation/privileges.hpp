// What a process gives up before it runs somebody else's program.
#pragma once

namespace gestvenv {

/// No new privileges, by set-id programs or file capabilities, for this process and all its descendants
/// (prctl(2), PR_SET_NO_NEW_PRIVS), and no capabilities after the next execve(2): the bounding set is
/// emptied, so that not even root regains them (capabilities(7)). Async-signal-safe. Returns 0 or an errno
/// value.
int give_up_privileges() noexcept;

} // namespace gestvenv
