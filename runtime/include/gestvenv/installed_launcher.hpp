// SPDX-License-Identifier: MIT
// Finds the launcher of the installed package that a host program was built with. CMake's package defines
// GESTVENV_INSTALLED_LAUNCHER for programs that link to gestvenv::gestvenv. A host program need not use this
// header.
#pragma once

namespace gestvenv {

/// Sets the launcher that is used if none is beside the program and none is named. `path` must live as long
/// as the program. Call it before a runtime is started.
void use_installed_launcher(const char* path) noexcept;

#ifdef GESTVENV_INSTALLED_LAUNCHER
namespace detail {

inline bool tell_of_installed_launcher() noexcept {
    use_installed_launcher(GESTVENV_INSTALLED_LAUNCHER);
    return true;
}

/// One per source file of the host, so that it is set before any code in that file starts a runtime.
[[maybe_unused]] static const bool launcher_is_told = tell_of_installed_launcher();

} // namespace detail
#endif

} // namespace gestvenv
