// SPDX-License-Identifier: MIT
// A package requirement, parsed (system/python/requirement.hpp): as it travels from where it is checked to
// where it is installed.
#pragma once

#include <string>
#include <vector>

namespace gestvenv::python {

/// One clause of a version specifier (PEP 440), e.g. `>=` and `1.0`.
struct version_clause {
    /// One of `~= == != <= >= < > ===`.
    std::string comparison;
    std::string version;

    friend bool operator==(const version_clause&, const version_clause&) = default;
};

/// `name[extra,...] specifier ; marker` or `name[extra,...] @ url ; marker` (PEP 508).
struct requirement {
    /// The whole, as written.
    std::string text;
    /// As written.
    std::string name;
    std::vector<std::string> extras;
    /// All must hold; empty: any version. Never together with `url`.
    std::vector<version_clause> specifiers;
    /// Empty where there is none.
    std::string url;
    /// As written, without the `;`; empty where there is none.
    std::string marker;

    friend bool operator==(const requirement&, const requirement&) = default;
};

} // namespace gestvenv::python
