// SPDX-License-Identifier: MIT
#include "net/node/observability_start.hpp"

#include "messages/shown_text.hpp"
#include "runtime/observability_configuration.hpp"
#include "system/python/search_context.hpp"
#include "system/redaction.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace gestvenv {

namespace {

/// The first of the sources that says something, and its name.
struct found_text {
    std::string text;
    std::string_view source;
};

found_text first_of(const std::string& option, std::string_view option_name, const char* variable,
                    const std::string& configured, std::string_view key) {
    if (!option.empty())
        return {option, option_name};
    if (auto value = variable_of_process(variable); !value.empty())
        return {std::move(value), variable};
    return {configured, key};
}

template <class Value>
outcome<void> take(const found_text& found, Value& target, const char* accepted) {
    if (found.text.empty() || from_string(found.text, target))
        return {};
    return failure(error_code::invalid_argument,
                   fmt::format("{} cannot be {}", found.source, shown(found.text)),
                   fmt::format("it takes {}", accepted));
}

outcome<log_settings> log_settings_of(const node_options& options, const log_configuration& configured) {
    log_settings result;
    auto format = take(first_of(options.log_format, "--log-format", "GESTVENV_LOG_FORMAT", configured.format,
                                "format in the table [log]"),
                       result.format, "text or json");
    if (!format)
        return failure(std::move(format).error());
    auto level = take(first_of(options.log_level, "--log-level", "GESTVENV_LOG_LEVEL", configured.level,
                               "level in the table [log]"),
                      result.level, "debug, info, warning or error");
    if (!level)
        return failure(std::move(level).error());
    result.file = first_of(options.log_file.string(), "", "GESTVENV_LOG_FILE", configured.file, "").text;
    if (result.file.empty())
        result.file = options.usual_log_file;
    if (!result.file.empty())
        result.file = std::filesystem::absolute(result.file);
    if (configured.largest_file)
        result.largest_file = static_cast<std::size_t>(*configured.largest_file);
    if (configured.files)
        result.files = static_cast<std::size_t>(*configured.files);
    return result;
}

} // namespace

outcome<std::unique_ptr<observability>> start_observability(const node_options& options) {
    auto configured = read_observability_configuration(options.configuration_file);
    if (!configured)
        return failure(std::move(configured).error());
    keep_secret(variable_of_process("GESTVENV_TOKEN"));
    auto traces = read_otlp_settings(configured->traces, variable_of_process);
    if (!traces)
        return failure(std::move(traces).error());
    if (options.within.stop_possible())
        return observability::within_program(options.log, std::move(*traces));
    observability_settings settings;
    auto log = log_settings_of(options, configured->log);
    if (!log)
        return failure(std::move(log).error());
    settings.log = std::move(*log);
    settings.traces = std::move(*traces);
    const auto cache = python::search_context_from_process().cache_home;
    if (cache.is_absolute())
        settings.caches = {cache / "gestvenv" / "interpreters", cache / "gestvenv" / "trials"};
    return observability::start(std::move(settings));
}

} // namespace gestvenv
