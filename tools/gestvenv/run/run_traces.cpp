// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_traces.hpp"

#include "system/redaction.hpp"
#include "tools/gestvenv/full_program.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

/// A caller waits for it.
constexpr std::chrono::seconds longest_end{2};

void warn(const error& problem) {
    print_warning(fmt::format("there is no trace of this run: {}{}", problem.message,
                              problem.hint.empty() ? "" : "; " + problem.hint));
}

} // namespace

std::optional<otlp_settings> collector_of_run(const trace_configuration& configured) {
    auto found = read_otlp_settings(configured, variable_of_process);
    if (!found) {
        warn(found.error());
        return std::nullopt;
    }
    if (*found && (*found)->where.encrypted)
        if (auto gone_on = go_on_in_full_program(words_of_this_process()); !gone_on) {
            warn(gone_on.error());
            return std::nullopt;
        }
    return std::move(*found);
}

std::unique_ptr<process_traces> begin_trace(std::optional<otlp_settings> collector) {
    if (!collector)
        return nullptr;
    keep_secret(variable_of_process("GESTVENV_TOKEN"));
    return std::make_unique<process_traces>(
        process_traces::wish{std::move(*collector), "run", variable_of_process("TRACEPARENT")});
}

void end_trace(process_traces* traces, const ending& end) {
    if (traces == nullptr)
        return;
    traces->whole().set("exit_status", std::to_string(end.status));
    if (!end.problems.empty())
        traces->whole().fail(end.problems.front());
    if (auto sent = traces->end(longest_end); !sent)
        print_warning(sent.error().message);
}

} // namespace gestvenv::cli
