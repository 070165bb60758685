// SPDX-License-Identifier: MIT
// Finds out what `gestvenv doctor` shows. What can be found out by doing it is done.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"
#include "tools/gestvenv/doctor/diagnosis.hpp"

#include <gestvenv/runtime.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// Those that are to be tried, found by looking at files and at what earlier probes said: the ones that are
/// asked for, else all, the default marked. One that is asked for and not there is among them, with the
/// reason. Error: invalid_argument for what is no version.
outcome<std::vector<found_interpreter>>
find_interpreters_to_try(const std::vector<std::string>& asked_for,
                         const std::optional<std::string>& default_version,
                         const python::search_context& context);

/// The backends asked for, else all, each with its program or the command that supplies it; `configured` is
/// the one that is needed where none is asked for. Looks at files.
std::vector<found_backend> find_backends_to_try(const std::vector<backend>& asked_for, backend configured,
                                                const python::tools_folder& tools);

/// An environment in each storage, in which a program is started, made and taken down again. `configured` is
/// the one that is needed; `python` what the environments are asked for, unset: the default.
std::vector<ability> try_storages(runtime& machine, const runtime_config& configured,
                                  const std::optional<std::string>& python);

/// How installing is tried.
struct installation_trials {
    /// The longest that one of them may take.
    std::chrono::milliseconds timeout{60'000};
    /// True: what has not been begun stays untried.
    const std::atomic<bool>* stopped = nullptr;
    /// Hears what is begun; called on several threads, one call at a time.
    std::function<void(const std::string&)> on_progress;
};

/// Fills in `installations`, every backend with every interpreter that is there, two at a time: an
/// environment, a package in it, an import. Corrects the versions of the interpreters by what the
/// environments say.
void try_installations(runtime& machine, diagnosis& found, const installation_trials& how);

} // namespace gestvenv::cli
