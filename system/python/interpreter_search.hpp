// SPDX-License-Identifier: MIT
// Finds the interpreters of this machine that fit a request by looking at files alone: no process is started,
// so a shim of pyenv (180 ms) is never run.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/search_context.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// What an environment asks for.
struct interpreter_request {
    /// `3.12`, `3.12.1`, `3`, a range (`>=3.10,<3.13`), or a path (anything with a `/`); unset: see
    /// `default_version`.
    std::optional<std::string> wanted;
    /// `default_python_version` of the configuration, as `wanted`. Used where `wanted` is unset, or a range,
    /// and an interpreter fits it; else the preferred one is (search_context.hpp), else the system's python3.
    std::optional<std::string> default_version;
};

/// An interpreter found, not started yet.
struct interpreter_candidate {
    /// What to run: the path whose folder a virtual environment records as its `home`.
    std::filesystem::path executable;
    /// As far as the path tells; nothing for a path given by name.
    std::optional<interpreter_version> version;
    /// An alpha, beta or candidate, as far as the path tells: a range takes one where nothing else fits.
    bool preview = false;
    /// Set by the caller when a probe of it failed: it is passed over.
    bool unusable = false;

    friend bool operator==(const interpreter_candidate&, const interpreter_candidate&) = default;
};

/// The candidates for a request, best first. Not empty. Errors: invalid_argument for a request that is no
/// version and no path; interpreter_not_found, which lists what there is.
outcome<std::vector<interpreter_candidate>> find_interpreters(const interpreter_request& request,
                                                              const search_context& context);

/// The one that a request without a version, or for a range, takes where it can: without a look at any other.
/// Nothing where the path tells that it does not fit, or the configured default comes first.
std::optional<interpreter_candidate> preferred_interpreter(const interpreter_request& request,
                                                           const search_context& context);

/// Every interpreter (3.6 and newer) of this machine, newest first.
std::vector<interpreter_candidate> all_interpreters(const search_context& context);

/// What to do next with the candidates of a request.
struct interpreter_choice {
    /// Index into the candidates.
    std::size_t candidate = 0;
    /// True: this is the one. False: its exact version decides; probe it (or look it up in the cache), set
    /// its `version` or `unusable`, and ask again.
    bool settled = false;
};

/// Chooses among `candidates`, which find_interpreters() or preferred_interpreter() made for the same
/// request. Ends after at most one probe per candidate. Error: interpreter_not_found when none is left.
outcome<interpreter_choice> choose_interpreter(const interpreter_request& request,
                                               const std::vector<interpreter_candidate>& candidates);

} // namespace gestvenv::python
