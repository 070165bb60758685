// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_configuration.hpp"

#include "messages/validation.hpp"
#include "runtime/whole_configuration.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <utility>

namespace gestvenv::cli {

namespace {

/// There is one environment, the caller has said what it may use, and the command says when it is over: the
/// defaults that guard many forgotten environments against each other would only be in the way. What is
/// configured holds.
runtime_config fitted_to_one(const loaded_configuration& loaded) {
    auto config = loaded.config;
    auto is_default = [&loaded](const char* key) {
        return loaded.origin_of(key) == configuration_origin::preset;
    };
    if (is_default("default_ttl"))
        config.default_ttl = unlimited;
    if (is_default("max_total_memory_mb"))
        config.max_total_memory_mb = bounds::largest_size;
    if (is_default("max_total_disk_mb"))
        config.max_total_disk_mb = bounds::largest_size;
    if (is_default("force_cleanup_after"))
        config.force_cleanup_after = unlimited;
    return config;
}

} // namespace

outcome<run_configuration> configure(run_request& request) {
    run_configuration result;
    auto& options = result.options;
    try {
        auto all = load_whole_configuration({.file = request.global.configuration_file});
        options.config = fitted_to_one(all.loaded);
        result.traces = std::move(all.observability.traces);
    } catch (const ephemeral_exception& problem) {
        return failure(problem.details());
    }
    auto& limits = request.environment.resource_limits;
    if (!request.max_processes)
        limits.max_processes = options.config.default_max_processes.value_or(unlimited_count);
    if (!request.max_threads)
        limits.max_threads = options.config.default_max_threads.value_or(unlimited_count);
    if (auto good = validate(limits); !good)
        return failure(good.error());
    // Said outright, because an idle time of its own comes with a time to live that is not given.
    if (!request.environment.ttl)
        request.environment.ttl = options.config.default_ttl;
    request.environment.command_follows = true;
    options.offline = request.global.offline;
    options.warn = print_warning;
    if (request.global.verbose)
        options.log = print_log;
    return result;
}

} // namespace gestvenv::cli
