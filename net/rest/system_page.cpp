// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/node_info.hpp"
#include "net/rest/openapi.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/tools_folder.hpp"
#include "system/version.hpp"

#include <array>
#include <unistd.h>
#include <utility>

namespace gestvenv::rest {

namespace {

void tell_health(call what) {
    what.answer(200, to_json_value(health{"ok", program_version}));
}

// Ready is who can make an environment: the supervisor answers.
void tell_ready(call what) {
    ask_supervisor<resource_usage>(
        what,
        [what](resource_usage&) {
            what.answer(200, to_json_value(health{"ok", program_version}));
        },
        usage_atom_v);
}

void info(call what) {
    const auto found = what.node->runtime->abilities();
    node_info result;
    result.version = program_version;
    result.pid = ::getpid();
    result.started_at = what.node->started_at;
    result.abilities = {found.best,           found.cgroups,
                        found.storage_mounts, found.memory_limited_by,
                        found.cpu_limited_by, found.threads_limited_by,
                        found.limitations};
    result.configuration = what.node->runtime->configuration();
    what.answer(200, to_json_value(result));
}

void diagnose(call what) {
    ask_supervisor<std::vector<crash_report>>(
        what,
        [what](std::vector<crash_report>& crashes) {
            const auto load = what.node->server->load();
            what.answer(200, to_json_value(diagnostics{what.node->runtime->abilities().limitations,
                                                       std::move(crashes),
                                                       static_cast<std::int64_t>(load.connections),
                                                       static_cast<std::int64_t>(load.requests_in_flight),
                                                       static_cast<std::int64_t>(load.streams)}));
        },
        crash_atom_v);
}

// Looks for tools in folders: on the thread of callbacks.
void backends(call what) {
    what.node->runtime->callbacks().post([what] {
        std::vector<backend_info> all;
        for (const auto* one : python::all_backends()) {
            auto tool = python::find_tool(what.node->runtime->shared()->tools, one->name());
            all.push_back({one->kind(), one->kind() == what.node->runtime->configuration().default_backend,
                           tool.has_value(), tool ? std::string{} : tool.error().message});
        }
        what.answer(200, to_json_value(all));
    });
}

void tree(call what) {
    what.node->runtime->callbacks().post([what] {
        try {
            what.answer(200, nlohmann::json::parse(what.node->runtime->tree()));
        } catch (const ephemeral_exception& problem) {
            what.refuse(problem.details());
        }
    });
}

void reload(call what) {
    what.node->runtime->callbacks().post([what] {
        auto left = what.node->reload();
        if (left)
            what.answer(200, to_json_value(reload_result{std::move(*left)}));
        else
            what.refuse(left.error());
    });
}

void stop(call what) {
    what.answer(202, to_json_value(health{"ending", program_version}));
    what.node->stop();
}

// Made on a thread of its own: with a thousand environments it takes milliseconds.
void tell_metrics(call what) {
    const bool begun = what.node->observability->scrape([what](std::string text) {
        http::response whole;
        whole.headers.add("Content-Type", std::string{metrics::content_type});
        whole.body = std::move(text);
        what.exchange->answer(std::move(whole));
    });
    if (!begun)
        what.refuse({error_code::resources_exhausted,
                     "too many ask for the metrics at once",
                     {},
                     "one request each 15 seconds is enough"});
}

// The routes of a program are always the same.
void openapi(call what) {
    static const std::string document = openapi_document(*what.routes, program_version).dump();
    http::response whole;
    whole.headers.add("Content-Type", "application/json");
    whole.body = document;
    what.exchange->answer(std::move(whole));
}

nlohmann::json any_object(schema_components& /*components*/) {
    return {{"type", "object"}};
}

constexpr std::array health_answer{route_answer{200, "it is well", schema_of<health>}};
constexpr std::array info_answer{route_answer{200, "the node", schema_of<node_info>}};
constexpr std::array diagnostics_answer{
    route_answer{200, "what is wrong, if anything", schema_of<diagnostics>}};
constexpr std::array backends_answer{
    route_answer{200, "all, in the order of preference", schema_of<std::vector<backend_info>>}};
constexpr std::array metrics_answer{
    route_answer{200, "all, in Prometheus' text format", nullptr, "text/plain"}};
constexpr std::array object_answer{route_answer{200, "a document", any_object}};
constexpr std::array reload_answer{
    route_answer{200, "the configuration is in force", schema_of<reload_result>}};
constexpr std::array stop_answer{route_answer{202, "it ends", schema_of<health>}};

const std::array page{
    route{.method = "GET",
          .path = "/health",
          .operation_id = "health",
          .summary = "Answers as long as the node lives.",
          .needs = right::none,
          .answers = health_answer,
          .handle = tell_health},
    route{.method = "GET",
          .path = "/api/v1/health",
          .operation_id = "healthOfInterface",
          .summary = "The same.",
          .needs = right::none,
          .answers = health_answer,
          .handle = tell_health},
    route{.method = "GET",
          .path = "/ready",
          .operation_id = "ready",
          .summary = "Answers when environments can be made.",
          .needs = right::none,
          .answers = health_answer,
          .handle = tell_ready},
    route{.method = "GET",
          .path = "/metrics",
          .operation_id = "metrics",
          .summary = "Counters, durations and the usage of all environments, for Prometheus.",
          .answers = metrics_answer,
          .handle = tell_metrics},
    route{.method = "GET",
          .path = "/openapi.json",
          .operation_id = "describe",
          .summary = "This document.",
          .needs = right::none,
          .answers = object_answer,
          .handle = openapi},
    route{.method = "GET",
          .path = "/api/v1/system/info",
          .operation_id = "showNode",
          .summary = "Version, abilities of the machine, configuration.",
          .answers = info_answer,
          .handle = info},
    route{.method = "GET",
          .path = "/api/v1/system/diagnostics",
          .operation_id = "diagnose",
          .summary = "What the machine lacks, crashes of actors, and the load.",
          .answers = diagnostics_answer,
          .handle = diagnose},
    route{.method = "GET",
          .path = "/api/v1/system/backends",
          .operation_id = "listBackends",
          .summary = "The package backends, and whether their tools are there.",
          .answers = backends_answer,
          .handle = backends},
    route{.method = "GET",
          .path = "/api/v1/system/tree",
          .operation_id = "showTree",
          .summary = "The supervision tree with the state of each actor.",
          .needs = right::admin,
          .answers = object_answer,
          .handle = tree},
    route{.method = "POST",
          .path = "/api/v1/system/reload",
          .operation_id = "reload",
          .summary = "Reads the configuration again, and says what could not be taken over.",
          .needs = right::admin,
          .answers = reload_answer,
          .handle = reload},
    route{.method = "POST",
          .path = "/api/v1/system/stop",
          .operation_id = "stop",
          .summary = "Ends the node with all its environments.",
          .needs = right::admin,
          .answers = stop_answer,
          .handle = stop},
};

} // namespace

std::span<const route> system_page() {
    return page;
}

} // namespace gestvenv::rest
