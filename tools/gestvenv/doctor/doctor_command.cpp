// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/doctor_command.hpp"

#include "messages/listed_words.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/installed_interpreters.hpp"
#include "tools/gestvenv/doctor/diagnosis_json.hpp"
#include "tools/gestvenv/doctor/diagnosis_table.hpp"
#include "tools/gestvenv/doctor/doctor_checks.hpp"
#include "tools/gestvenv/doctor/machine_advice.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/built_page.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace gestvenv::cli {

namespace {

using format = doctor_request::output_format;

constexpr std::array formats{format::table, format::json};

constexpr const char* description =
    "Tests what works on this machine, and names the command that supplies each missing part.";

constexpr const char* footer =
    R"(For each interpreter and backend an environment is made, two at a time; the package six is installed and
imported. Nothing is left behind.

exit status:
  0  everything needed works: environments can be made, and at least one backend installs with the default
     interpreter (or with each that --python names)
  1  something needed does not work; it is listed with the command that supplies it
  2  error in the command line or the configuration; nothing was started

examples:
  gestvenv doctor
  gestvenv doctor --quick
  gestvenv doctor --python 3.12 --backend uv
  gestvenv doctor --format json | jq '.installations[] | select(.state == "no")')";

void add_options(option_table& table, doctor_request& request) {
    table.add_flag({"--quick", "", "only look for tools and interpreters; install nothing", "options"},
                   request.quick);
    table.add_repeatable(
        {"--python", "VERSION", "test only this version or path; may be given several times (default: all)",
         "options"},
        [&request](const auto& option, const auto& text) {
            return any_text(option, text).map([&request](std::string value) {
                if (std::find(request.pythons.begin(), request.pythons.end(), value) == request.pythons.end())
                    request.pythons.push_back(std::move(value));
            });
        });
    const auto kinds = python::backend_kinds();
    const auto names = spellings_of(kinds);
    auto& tool = table.add_repeatable(
        {"--backend", "NAME",
         fmt::format("test only this one: {}; may be given several times (default: all {})",
                     listed(names, "or"), in_words(names.size())),
         "options"},
        [&request, kinds](const auto& option, const auto& text) {
            return parse_choice(option, text, kinds).map([&request](backend value) {
                if (std::find(request.backends.begin(), request.backends.end(), value) ==
                    request.backends.end())
                    request.backends.push_back(value);
            });
        });
    tool.words = names;
    table.add({"--timeout", "TIME", "time limit of each test (default: 60)", "options"},
              into(request.timeout, parse_timeout));
    add_choice(table, {"--format", "FORMAT", "table (default) or json", "options"}, request.format, formats);
}

constexpr int needed_is_missing = 1;

/// What the environments of the storage trials are asked for: one of those that are to be tried.
std::optional<std::string> first_needed(const diagnosis& found) {
    for (const auto& one : found.interpreters)
        if (one.needed && one.missing.why.empty())
            return one.request;
    return std::nullopt;
}

/// Without the rest nothing is worth trying.
ability runtime_that_does_not_start(const error& problem) {
    ability one;
    one.name = "runtime";
    one.available = false;
    one.needed = true;
    one.missing = in_short(problem, backend::automatic);
    return one;
}

void try_all(runtime& machine, const runtime_config& configured, const doctor_request& request,
             const std::atomic<bool>& stopped, diagnosis& found) {
    progress_line progress{"looking at the machine", !request.global.verbose && progress_can_be_shown()};
    found.abilities = explain(machine.abilities(), read_machine_facts());
    auto storages = try_storages(machine, configured, first_needed(found));
    // Storage stands between what processes can do and the limits.
    auto limits = found.abilities.begin();
    while (limits != found.abilities.end() && limits->kind == ability::group::processes)
        ++limits;
    found.abilities.insert(limits, storages.begin(), storages.end());
    if (request.quick)
        return;
    try_installations(machine, found, {request.timeout, &stopped, [&](const std::string& text) {
                                           progress.say(text);
                                           if (request.global.verbose)
                                               print_log(text);
                                       }});
}

/// Ends the runtime of the trials, however the command is told to end: by the program's signals, or by those of the
/// console that it runs in.
class trial_stop {
public:
    trial_stop(runtime& machine, const doctor_request& request, termination* signals)
        : machine_(machine), signals_(signals) {
        if (signals_ != nullptr) {
            signals_->stop_with([this] { stop(); });
            return;
        }
        // What hears of an interruption must not block.
        thread_ = std::jthread{[this](const std::stop_token& over) {
            std::mutex mutex;
            std::unique_lock lock{mutex};
            std::condition_variable_any{}.wait(lock, over, [] { return false; });
            if (interrupted_)
                stop();
        }};
        hears_.emplace(request.global.interrupted, [this] {
            interrupted_ = true;
            thread_.request_stop();
        });
    }
    trial_stop(const trial_stop&) = delete;
    trial_stop& operator=(const trial_stop&) = delete;
    /// Waits for a stop that is under way.
    ~trial_stop() {
        if (signals_ != nullptr)
            signals_->stop_no_more();
    }

    const std::atomic<bool>& stopped() const noexcept { return stopped_; }

private:
    void stop() {
        stopped_ = true;
        try {
            machine_.shutdown();
        } catch (const ephemeral_exception& problem) {
            print_error(problem.details());
        }
    }

    runtime& machine_;
    termination* signals_;
    std::atomic<bool> stopped_ = false;
    std::atomic<bool> interrupted_ = false;
    std::jthread thread_;
    std::optional<std::stop_callback<std::function<void()>>> hears_;
};

/// Whether it was told to end meanwhile.
bool is_over(const doctor_request& request, const termination* signals) {
    return signals != nullptr ? signals->received() != 0 : request.global.interrupted.stop_requested();
}

/// `signals`: null in a console, which has them.
void examine(const runtime_config& configured, const doctor_request& request, termination* signals,
             diagnosis& found) {
    runtime_options options;
    options.config = configured;
    options.try_machine_again = true;
    options.offline = request.global.offline;
    options.warn = print_warning;
    if (request.global.verbose)
        options.log = print_log;
    try {
        adopted_children launcher;
        runtime machine{std::move(options)};
        const trial_stop stop{machine, request, signals};
        try_all(machine, configured, request, stop.stopped(), found);
    } catch (const ephemeral_exception& problem) {
        if (!is_over(request, signals))
            found.abilities.push_back(runtime_that_does_not_start(problem.details()));
    }
    found.abilities.push_back(page_of_node());
}

/// As `gestvenv run` would search from here.
python::search_context context_of_caller() {
    auto context = python::search_context_from_process();
    context.preferred_python = python::first_on_path(context).value_or(std::filesystem::path{});
    return context;
}

/// What is looked for, and found without a runtime.
outcome<diagnosis> look(const doctor_request& request, const runtime_config& configured) {
    const auto context = context_of_caller();
    auto interpreters = find_interpreters_to_try(request.pythons, configured.default_python_version, context);
    if (!interpreters)
        return failure(std::move(interpreters).error());
    diagnosis found;
    found.quick = request.quick;
    found.offline = request.global.offline;
    found.interpreters = std::move(*interpreters);
    found.backends = find_backends_to_try(request.backends, configured.default_backend,
                                          python::find_tools_folder(context));
    return found;
}

int show(const diagnosis& found, format wanted) {
    bool json = wanted == format::json;
    if (auto status = print(json ? as_json(found) : as_table(found)); status != 0)
        return status;
    auto wrong = complaints(found);
    for (auto& sentence : wrong)
        print_error({error_code::creation_failed,
                     std::move(sentence),
                     {},
                     json ? "`remedy` names what supplies it" : "the reasons above name what supplies it"});
    return wrong.empty() ? 0 : needed_is_missing;
}

int run(doctor_request& request) {
    runtime_config configured;
    try {
        configured = load_configuration({.file = request.global.configuration_file}).config;
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::usage;
    }
    auto found = look(request, configured);
    if (!found) {
        print_error(found.error());
        return exit_status::usage;
    }
    if (request.global.in_console != nullptr) {
        examine(configured, request, nullptr, *found);
        return is_over(request, nullptr) ? exit_status::interrupted : show(*found, request.format);
    }
    termination signals;
    examine(configured, request, &signals, *found);
    if (is_over(request, &signals))
        termination::die(signals.received());
    return show(*found, request.format);
}

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::table ? "table" : "json";
}

constinit const command doctor_command{
    .name = "doctor",
    .description = description,
    .footer = footer,
    .action = acts_on<doctor_request, add_options, no_operands<doctor_request>, run>(),
};

} // namespace gestvenv::cli
