// SPDX-License-Identifier: MIT
// What environments use, and their processes.
#include "actors/usage_board.hpp"
#include "net/rest/call.hpp"
#include "net/rest/environment_sample.hpp"
#include "net/rest/environment_usage.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"

#include <gestvenv/environment_info.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/resource_usage.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

constexpr std::int64_t usual_processes = 100;

void stats(call what) {
    pass_on<resource_usage>(what, usage_atom_v);
}

/// Those that the client reaches, oldest first.
std::vector<environment_sample> samples_of(const call& what, std::vector<environment_info>& living,
                                           bool with_samples) {
    std::sort(living.begin(), living.end(), [](const auto& a, const auto& b) {
        return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
    });
    const auto board = with_samples ? usage_board::of_process().copy() : std::vector<usage_board::entry>{};
    std::vector<environment_sample> all;
    all.reserve(living.size());
    for (auto& info : living) {
        if (!what.who.reaches(what.node->owners.of(info.id)))
            continue;
        const auto found = std::lower_bound(
            board.begin(), board.end(), info.id,
            [](const usage_board::entry& entry, const std::string& id) { return entry.environment_id < id; });
        const bool is_there = found != board.end() && found->environment_id == info.id;
        all.push_back({std::move(info.id), std::move(info.name), info.status, info.created_at,
                       is_there ? found->sample : std::nullopt});
    }
    return all;
}

usage_columns columns_of(std::vector<environment_sample> samples) {
    usage_columns all;
    for (auto& one : samples) {
        environment_usage row{
            std::move(one.id), std::move(one.name), one.status, one.created_at, 0, 0, {}, 0, 0};
        if (const auto& sample = one.sample) {
            row.cpu_percent = sample->cpu_percent;
            row.memory_bytes = sample->memory_bytes;
            row.memory_limit_bytes = sample->memory_limit_bytes;
            row.disk_bytes = sample->disk_bytes;
            row.processes = sample->processes;
        }
        all.add(std::move(row));
    }
    return all;
}

using sample_reader = void (*)(const call& what, std::vector<environment_sample> samples);

void with_samples_of_each(const call& what, sample_reader read) {
    const bool with_samples = what.flag("samples", true);
    auto tell = [what, with_samples, read] {
        ask_supervisor<std::vector<environment_info>>(
            what,
            [what, with_samples, read](std::vector<environment_info>& living) {
                read(what, samples_of(what, living, with_samples));
            },
            list_atom_v);
    };
    if (!with_samples)
        return tell();
    // What all use together has every one of them measured, unless that has just been done.
    ask_supervisor<resource_usage>(
        what, [tell](resource_usage&) { tell(); }, usage_atom_v);
}

void usage_of_each(call what) {
    with_samples_of_each(what, [](const call& asked, std::vector<environment_sample> samples) {
        asked.answer(200, to_json_value(samples));
    });
}

void usage_in_columns(call what) {
    with_samples_of_each(what, [](const call& asked, std::vector<environment_sample> samples) {
        asked.answer(200, to_json_value(columns_of(std::move(samples))));
    });
}

void usage(call what) {
    with_environment(
        what, [what](const environment_info& found) { pass_on<usage_sample>(what, usage_atom_v, found.id); });
}

void usage_history(call what) {
    with_environment(what, [what](const environment_info& found) {
        pass_on<std::vector<usage_sample>>(what, history_atom_v, found.id,
                                           static_cast<std::uint64_t>(what.number("most", 720)));
    });
}

void processes(call what) {
    with_environment(what, [what](const environment_info& found) {
        pass_on<process_list>(what, processes_atom_v, found.id,
                              static_cast<std::uint64_t>(what.number("most", usual_processes)));
    });
}

constexpr std::array samples_query{query_parameter{
    "samples", kind::flag, "with what each uses, measured within the last second (default true)"}};
constexpr std::array history_query{query_parameter{"most", kind::number, "samples, the last ones", 1, 720}};
constexpr std::array processes_query{query_parameter{"most", kind::number,
                                                     "processes, those with most memory (default 100)", 1,
                                                     process_list::most_processes}};

constexpr std::array stats_answer{route_answer{200, "what all use together", schema_of<resource_usage>}};
constexpr std::array each_answer{
    route_answer{200, "each with its last sample, oldest first", schema_of<std::vector<environment_sample>>}};
constexpr std::array columns_answer{
    route_answer{200, "a list for each property, oldest first", schema_of<usage_columns>}};
constexpr std::array usage_answer{route_answer{200, "what it uses now", schema_of<usage_sample>}};
constexpr std::array history_answer{
    route_answer{200, "samples, oldest first", schema_of<std::vector<usage_sample>>}};
constexpr std::array processes_answer{route_answer{
    200, "those that are alive, with most memory first, and how many there are", schema_of<process_list>}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/ephemeral/stats",
          .operation_id = "showUsageOfAll",
          .summary = "What all environments use together, and the limits.",
          .answers = stats_answer,
          .handle = stats},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/usage",
          .operation_id = "showUsageOfEach",
          .summary = "Living environments with what each of them uses.",
          .query = samples_query,
          .answers = each_answer,
          .handle = usage_of_each},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/usage/columns",
          .operation_id = "showUsageInColumns",
          .summary = "The same, column by column: less work for both sides, once a second.",
          .query = samples_query,
          .answers = columns_answer,
          .handle = usage_in_columns},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/usage",
          .operation_id = "showUsage",
          .summary = "What an environment uses now.",
          .answers = usage_answer,
          .handle = usage},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/usage/history",
          .operation_id = "showUsageHistory",
          .summary = "The last samples of what an environment used.",
          .query = history_query,
          .answers = history_answer,
          .handle = usage_history},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/processes",
          .operation_id = "listProcesses",
          .summary = "The processes of an environment, with secrets in command lines masked.",
          .query = processes_query,
          .answers = processes_answer,
          .handle = processes},
};

} // namespace

std::span<const route> usage_page() {
    return page;
}

} // namespace gestvenv::rest
