// SPDX-License-Identifier: MIT
// All that is known about one interpreter: what a probe of it said.
#pragma once

#include "system/python/interpreter_version.hpp"
#include "system/python/venv_layout.hpp"

#include <filesystem>
#include <string>

namespace gestvenv::python {

/// One interpreter of this machine. Paths are absolute.
struct interpreter {
    /// Exact: `patch` is set.
    interpreter_version version;
    /// The version as the interpreter itself spells it, `3.14.0rc1` for a pre-release.
    std::string version_text;
    /// `cpython`, `pypy`.
    std::string implementation;
    /// `sys.executable`: what to run.
    std::filesystem::path executable;
    /// `sys.base_prefix`.
    std::filesystem::path base_prefix;
    /// Where the standard library is.
    std::filesystem::path standard_library;
    /// Below the environment, e.g. `lib/python3.12/site-packages`.
    std::string site_packages;
    /// The wheel of pip that came with the interpreter (`ensurepip`), empty where there is none. It fits the
    /// interpreter however old that is, and can be run from the file.
    std::filesystem::path bundled_pip;
    /// What `venv --without-pip` makes with it.
    venv_layout layout;

    friend bool operator==(const interpreter&, const interpreter&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, interpreter& x) {
    return f.object(x).fields(
        f.field("version", x.version), f.field("version_text", x.version_text),
        f.field("implementation", x.implementation), path_field(f, "executable", x.executable),
        path_field(f, "base_prefix", x.base_prefix), path_field(f, "standard_library", x.standard_library),
        f.field("site_packages", x.site_packages), path_field(f, "bundled_pip", x.bundled_pip),
        f.field("layout", x.layout));
}

} // namespace gestvenv::python
