// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/doctor_checks.hpp"

#include "system/python/backends/registry.hpp"
#include "system/python/interpreter_cache.hpp"
#include "system/python/interpreter_search.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

using python::interpreter_candidate;

/// What an earlier probe found out, without starting anything.
std::optional<python::interpreter> known(const std::filesystem::path& executable,
                                         const python::interpreter_cache& cache) {
    auto key = python::key_of(executable);
    return key ? cache.load(*key) : std::nullopt;
}

std::string version_text(const interpreter_candidate& candidate, const python::interpreter_cache& cache) {
    if (auto probed = known(candidate.executable, cache))
        return probed->version_text;
    return candidate.version ? to_string(*candidate.version) : std::string{"unknown"};
}

/// The candidate that the runtime would take, as far as that is known without starting one.
outcome<interpreter_candidate> choose(const python::interpreter_request& request,
                                      const python::search_context& context,
                                      const python::interpreter_cache& cache) {
    auto candidates = python::find_interpreters(request, context);
    if (!candidates)
        return failure(std::move(candidates).error());
    while (true) {
        auto choice = python::choose_interpreter(request, *candidates);
        if (!choice)
            return failure(std::move(choice).error());
        auto& candidate = (*candidates)[choice->candidate];
        auto probed = choice->settled ? std::nullopt : known(candidate.executable, cache);
        if (!probed)
            return candidate;
        if (candidate.version == probed->version)
            return candidate;
        candidate.version = probed->version;
    }
}

found_interpreter asked_for_and_missing(const std::string& request, const error& problem) {
    found_interpreter one;
    one.version = request;
    one.request = request;
    one.needed = true;
    one.missing = {problem.message, problem.hint};
    return one;
}

constexpr std::chrono::seconds trial_limit{10};

/// Where the environments of a storage lie: the folder that all of them are in.
std::string place_of(storage_backend kind, bool mounts, const environment_info& made,
                     const std::filesystem::path& home) {
    if (kind == storage_backend::tmpfs && mounts)
        return "a tmpfs for each environment";
    auto root = made.host_path.parent_path().parent_path();
    const auto& text = root.native();
    if (text.starts_with("/dev/shm/"))
        return "folders in /dev/shm";
    if (text.starts_with((home / ".cache/").native()))
        return "folders in ~/.cache";
    return fmt::format("folders in {}", text);
}

/// Starts the interpreter, and a program that lies in the storage.
void start_programs(environment& where) {
    command_spec trial;
    trial.arguments = {
        "sh", "-c", "python -c '' && printf '#!/bin/sh\\n' >trial && chmod 755 trial && ./trial && rm trial"};
    trial.working_directory = where.info().storage_path / "work";
    trial.timeout = trial_limit;
    auto result = where.execute(std::move(trial));
    if (result.returncode != 0)
        throw ephemeral_exception{
            {error_code::command_not_executable,
             fmt::format("a program in it ended with status {}: {}", result.returncode, result.stderr_text),
             {},
             {}}};
}

std::string advice_on_storage(storage_backend kind, const std::string& why) {
    if (kind == storage_backend::memory)
        return why.find("Permission denied") != std::string::npos && ::geteuid() == 0
                   ? "as root: mount -o remount,exec /dev/shm; of a container: docker run --tmpfs "
                     "/dev/shm:exec"
                   : "as root: mount -t tmpfs tmpfs /dev/shm; of a container: docker run --tmpfs "
                     "/dev/shm:exec";
    return "name another folder: gestvenv config set base_storage_path FOLDER";
}

ability try_storage(runtime& machine, storage_backend kind, const std::optional<std::string>& python,
                    const std::filesystem::path& home) {
    ability one;
    one.kind = ability::group::storage;
    one.name = to_string(kind);
    environment_spec spec;
    spec.storage_backend = kind;
    spec.python_version = python;
    try {
        auto made = machine.create(std::move(spec));
        one.detail = place_of(kind, machine.abilities().storage_mounts, made.info(), home);
        start_programs(made);
        made.destroy();
    } catch (const ephemeral_exception& problem) {
        one.available = false;
        one.detail.clear();
        one.missing = in_short(problem.details(), backend::automatic);
        if (one.missing.remedy.empty())
            one.missing.remedy = advice_on_storage(kind, one.missing.why);
    }
    return one;
}

/// Debian's Python comes without `ensurepip`, which is in python3-venv and which `python3 -m venv` needs.
bool can_make_environments(const std::filesystem::path& system_python) {
    std::error_code problem;
    auto real = std::filesystem::canonical(system_python, problem);
    if (problem || real.parent_path() != "/usr/bin")
        return true;
    return std::filesystem::exists(std::filesystem::path{"/usr/lib"} / real.filename() / "ensurepip",
                                   problem);
}

} // namespace

outcome<std::vector<found_interpreter>>
find_interpreters_to_try(const std::vector<std::string>& asked_for,
                         const std::optional<std::string>& default_version,
                         const python::search_context& context) {
    const python::interpreter_cache cache{python::default_interpreter_cache_folder(context)};
    auto preset = choose({std::nullopt, default_version}, context, cache);
    auto describe = [&](const interpreter_candidate& candidate, std::string request) {
        found_interpreter one;
        one.version = version_text(candidate, cache);
        one.path = candidate.executable.string();
        one.request = std::move(request);
        one.is_default = preset && preset->executable == candidate.executable;
        one.needed = one.is_default;
        return one;
    };
    std::vector<found_interpreter> all;
    if (asked_for.empty()) {
        auto candidates = python::all_interpreters(context);
        bool has_default = std::any_of(candidates.begin(), candidates.end(), [&](const auto& candidate) {
            return preset && preset->executable == candidate.executable;
        });
        if (preset && !has_default)
            candidates.insert(candidates.begin(), *preset);
        for (const auto& candidate : candidates)
            all.push_back(describe(candidate, candidate.executable.string()));
        return all;
    }
    for (const auto& wanted : asked_for) {
        auto candidate = choose({wanted, default_version}, context, cache);
        if (candidate) {
            all.push_back(describe(*candidate, wanted));
            all.back().needed = true;
        } else if (candidate.error().code == error_code::invalid_argument) {
            return failure(std::move(candidate).error());
        } else {
            all.push_back(asked_for_and_missing(wanted, candidate.error()));
        }
    }
    return all;
}

std::vector<found_backend> find_backends_to_try(const std::vector<backend>& asked_for, backend configured,
                                                const python::tools_folder& tools) {
    const bool has_venv = can_make_environments(tools.search.system_python);
    std::vector<found_backend> all;
    for (const auto* candidate : python::all_backends()) {
        auto kind = candidate->kind();
        if (!asked_for.empty() && std::find(asked_for.begin(), asked_for.end(), kind) == asked_for.end())
            continue;
        found_backend one;
        one.kind = kind;
        one.needed = !asked_for.empty() || configured == backend::automatic || configured == kind;
        if (auto program = python::find_tool(tools, candidate->name())) {
            one.available = true;
            one.path = program->string();
        } else {
            one.missing = {program.error().message, command_for(kind, tools.folder.string(), has_venv)};
        }
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<ability> try_storages(runtime& machine, const runtime_config& configured,
                                  const std::optional<std::string>& python) {
    const auto home = python::search_context_from_process().home;
    std::vector<ability> all;
    for (auto kind : {storage_backend::tmpfs, storage_backend::memory, storage_backend::disk}) {
        auto one = try_storage(machine, kind, python, home);
        one.needed = kind == configured.storage_backend;
        all.push_back(std::move(one));
    }
    return all;
}

} // namespace gestvenv::cli
