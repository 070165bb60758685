// SPDX-License-Identifier: MIT
#include "tools/gestvenv/config/config_trial.hpp"

#include "system/python/interpreter_search.hpp"
#include "tools/gestvenv/doctor/doctor_checks.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

// What every environment takes from the configuration and can be refused for.
constexpr std::array<std::string_view, 6> decisive{"default_isolation_level", "default_security_mode",
                                                   "storage_backend",         "base_storage_path",
                                                   "default_max_processes",   "default_max_threads"};

/// Why an environment cannot be made; nothing where one can.
std::optional<error> refusal_of(const runtime_config& config) {
    try {
        runtime_options options;
        options.config = config;
        options.recover_orphans = false;
        adopted_children launcher;
        runtime machine{std::move(options)};
        environment_spec spec;
        spec.resource_limits.max_processes = config.default_max_processes.value_or(unlimited_count);
        spec.resource_limits.max_threads = config.default_max_threads.value_or(unlimited_count);
        machine.create(std::move(spec)).destroy();
    } catch (const ephemeral_exception& problem) {
        return problem.details();
    }
    return std::nullopt;
}

outcome<void> refused(std::string_view key, const error& why) {
    return failure(error_code::invalid_argument,
                   fmt::format("{} is left as it is, for no environment could be made: {}", key, why.message),
                   why.hint);
}

} // namespace

outcome<void> try_value(const runtime_config& before, const runtime_config& changed, std::string_view key) {
    const auto context = python::search_context_from_process();
    if (key == "default_python_version" && changed.default_python_version) {
        auto found = python::find_interpreters({changed.default_python_version, std::nullopt}, context);
        return found ? outcome<void>{} : refused(key, found.error());
    }
    if (key == "default_backend") {
        // It may be installed later; until then nothing else is affected.
        for (const auto& one : find_backends_to_try({changed.default_backend}, changed.default_backend,
                                                    python::find_tools_folder(context)))
            if (one.path.empty())
                print_warning(fmt::format("{}: {}", one.missing.why, one.missing.remedy));
        return {};
    }
    if (std::find(decisive.begin(), decisive.end(), key) == decisive.end())
        return {};
    auto refusal = refusal_of(changed);
    if (!refusal)
        return {};
    if (auto at_all = refusal_of(before)) {
        print_warning(fmt::format("{} could not be tried: {}", key, at_all->message));
        return {};
    }
    return refused(key, *refusal);
}

} // namespace gestvenv::cli
