// SPDX-License-Identifier: MIT
// Python that copies a project, for tools that write into its folder as a matter of course, where it has no
// overlay: an installation must leave the folder as it was.
#pragma once

namespace gestvenv::python {

/// Defines `copy_project(source, target)` and `remove_copy(target)`, which removes the folder around it too.
/// Left out is what is no source: virtual environments, caches, and what is neither a file, a folder nor a
/// link. Ends the process with status 2 and a message where it fails.
inline constexpr const char* project_copy_function = R"script(
import os, shutil, stat, sys

NO_SOURCES = {"__pycache__", "__pypackages__", "node_modules", ".tox", ".nox", ".mypy_cache", ".pytest_cache",
              ".ruff_cache", ".hypothesis"}


def no_sources(folder, names):
    found = []
    for name in names:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            skip = name in NO_SOURCES or os.path.lexists(os.path.join(path, "pyvenv.cfg"))
        else:
            skip = not (stat.S_ISREG(mode) or stat.S_ISLNK(mode))
        if skip:
            found.append(name)
    return found


def remove_copy(target):
    shutil.rmtree(os.path.dirname(target), ignore_errors=True)


def copy_project(source, target):
    try:
        shutil.copytree(source, target, symlinks=True, ignore=no_sources)
    except (OSError, shutil.Error) as problem:
        why = problem.args[0][0][2] if isinstance(problem, shutil.Error) else problem
        print("error: the project cannot be copied: %s" % why, file=sys.stderr)
        remove_copy(target)
        sys.exit(2)
)script";

} // namespace gestvenv::python
