// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/creation_defaults.hpp"

#include "messages/validation.hpp"
#include "system/python/interpreter_search.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/interpreter_wish.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

outcome<runtime_config> configuration_of(const creation_request& request) {
    try {
        return load_configuration({.file = request.global.configuration_file}).config;
    } catch (const ephemeral_exception& problem) {
        return failure(problem.details());
    }
}

bool is_installed(const std::string& version, const python::search_context& context) {
    return python::find_interpreters({.wanted = version, .default_version = {}}, context).has_value();
}

outcome<void> fill_in_python(environment_spec& environment, const runtime_config& config, bool node_is_here) {
    const auto context = python::search_context_from_process();
    auto wish = wish_of(environment, {}, nullptr, context);
    if (!wish)
        return failure(std::move(wish).error());
    for (const auto& warning : wish->warnings)
        print_warning(warning);
    environment.python_version = wish->wanted;
    if (environment.python_version)
        return {};
    const auto& configured = config.default_python_version;
    if (configured && (!node_is_here || is_installed(*configured, context)))
        environment.python_version = configured;
    else if (node_is_here && !wish->preferred.empty())
        environment.python_version = wish->preferred.string();
    return {};
}

} // namespace

outcome<void> fill_in_defaults(creation_request& request, bool node_is_here) {
    auto config = configuration_of(request);
    if (!config)
        return failure(std::move(config).error());
    auto& environment = request.environment;
    auto& limits = environment.resource_limits;
    if (!request.max_processes)
        limits.max_processes = config->default_max_processes.value_or(unlimited_count);
    if (!request.max_threads)
        limits.max_threads = config->default_max_threads.value_or(unlimited_count);
    if (auto good = validate(limits); !good)
        return good;
    // The idle time has a default where no time to live is asked for, whatever the configured one is.
    if (!environment.ttl) {
        environment.ttl = config->default_ttl;
        environment.max_idle_time = environment.max_idle_time.value_or(default_idle_time);
    }
    const auto fill = [](auto& field, auto value) {
        if (!field)
            field = value;
    };
    fill(environment.package_backend, config->default_backend);
    fill(environment.storage_backend, config->storage_backend);
    fill(environment.isolation, config->default_isolation_level);
    fill(environment.security, config->default_security_mode);
    return fill_in_python(environment, *config, node_is_here);
}

} // namespace gestvenv::cli
