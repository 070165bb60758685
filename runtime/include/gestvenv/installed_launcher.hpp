// SPDX-License-Identifier: MIT
// How a host program finds the launcher of the package that it was built with. CMake's package defines
// GESTVENV_INSTALLED_LAUNCHER for programs that link to gestvenv::gestvenv; a host need not look in here.
#pragma once

namespace gestvenv {

/// The launcher to use where none lies beside the program and none is named; `path` lives as long as the
/// program.
void use_installed_launcher(const char* path) noexcept;

#ifdef GESTVENV_INSTALLED_LAUNCHER
namespace detail {

inline bool tell_of_installed_launcher() noexcept {
    use_installed_launcher(GESTVENV_INSTALLED_LAUNCHER);
    return true;
}

/// Internal to each file of the host's, so that it is set before anything in that file starts a runtime.
[[maybe_unused]] static const bool launcher_is_told = tell_of_installed_launcher();

} // namespace detail
#endif

} // namespace gestvenv
