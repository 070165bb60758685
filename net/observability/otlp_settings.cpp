// SPDX-License-Identifier: MIT
#include "net/observability/otlp_settings.hpp"

#include "messages/shown_text.hpp"
#include "runtime/observability_configuration.hpp"
#include "system/posix/small_file.hpp"
#include "system/redaction.hpp"
#include "system/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <unistd.h>

namespace gestvenv {

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t largest_headers = 64 << 10;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ')
        text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ')
        text.remove_suffix(1);
    return text;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escaped = text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 &&
                             digit_of(text[at + 2]) >= 0;
        if (escaped) {
            result += static_cast<char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2]));
            at += 2;
        } else {
            result += text[at];
        }
    }
    return result;
}

// `name=value,name=value`, or one on each line of a file; values are percent-encoded (W3C Baggage).
outcome<pairs> read_pairs(std::string_view text, std::string_view source, char separator) {
    pairs result;
    while (!text.empty()) {
        auto end = text.find(separator);
        auto one = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (one.empty())
            continue;
        auto equals = one.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return failure(error_code::invalid_argument, // the text itself may be a secret
                           fmt::format("{} has an entry without a name and a `=`", source),
                           "write name=value, one after the other");
        result.emplace_back(trimmed(one.substr(0, equals)), decoded(trimmed(one.substr(equals + 1))));
    }
    return result;
}

outcome<void> read_endpoint(std::string_view url, bool whole, std::string_view source,
                            otlp_settings& result) {
    const auto refuse = [source, given = url](const char* why) {
        return failure(error_code::invalid_argument,
                       fmt::format("{}: {} {}", source, shown(without_secrets(given)), why),
                       "name a collector as http://localhost:4318");
    };
    constexpr std::string_view plain = "http://";
    constexpr std::string_view encrypted = "https://";
    result.where.encrypted = url.starts_with(encrypted);
    if (!result.where.encrypted && !url.starts_with(plain))
        return refuse("is no URL of http or https");
    url.remove_prefix(result.where.encrypted ? encrypted.size() : plain.size());
    auto end = url.find_first_of("/?#");
    auto authority = url.substr(0, end);
    auto path = end == std::string_view::npos ? std::string_view{} : url.substr(end);
    if (authority.find('@') != std::string_view::npos)
        return refuse("has a password in it, which belongs into OTEL_EXPORTER_OTLP_HEADERS");
    auto colon = authority.rfind(':');
    if (auto bracket = authority.rfind(']');
        bracket != std::string_view::npos && colon != std::string_view::npos && colon < bracket)
        colon = std::string_view::npos;
    result.where.port = result.where.encrypted ? 443 : 80;
    if (colon != std::string_view::npos) {
        auto number = authority.substr(colon + 1);
        auto [stop, problem] =
            std::from_chars(number.data(), number.data() + number.size(), result.where.port);
        if (problem != std::errc{} || stop != number.data() + number.size() || result.where.port == 0)
            return refuse("has no port from 1 to 65535");
        authority = authority.substr(0, colon);
    }
    if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']')
        authority = authority.substr(1, authority.size() - 2);
    if (authority.empty())
        return refuse("has no host");
    result.where.host = authority;
    while (!whole && path.ends_with('/'))
        path.remove_suffix(1);
    result.target = std::string{path} + (whole ? "" : "/v1/traces");
    if (result.target.empty() || result.target.front() != '/')
        result.target.insert(0, 1, '/');
    if (std::any_of(result.target.begin(), result.target.end(),
                    [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
        return refuse("has a character that no URL may have");
    return {};
}

outcome<void> read_headers(const trace_configuration& configured, const variable_reader& variable,
                           otlp_settings& result) {
    std::string text;
    std::string source;
    char separator = ',';
    for (const auto* name : {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"})
        if (auto value = variable(name); text.empty() && !value.empty()) {
            text = std::move(value);
            source = name;
        }
    if (text.empty() && !configured.headers_file.empty()) {
        auto file = read_own_file(configured.headers_file, largest_headers);
        if (!file)
            return failure(std::move(file).error());
        if (!*file)
            return failure(error_code::invalid_argument,
                           fmt::format("the file of headers {} is not there", configured.headers_file),
                           "make it with mode 0600, or take headers_file out of the table [traces]");
        text = std::move((*file)->text);
        source = configured.headers_file;
        separator = '\n';
    }
    auto headers = read_pairs(text, source, separator);
    if (!headers)
        return failure(std::move(headers).error());
    result.headers = std::move(*headers);
    for (const auto& [name, value] : result.headers) {
        keep_secret(value);
        // Of `Bearer SECRET` the second word alone, too.
        if (auto space = value.rfind(' '); space != std::string::npos)
            keep_secret(value.substr(space + 1));
    }
    return {};
}

outcome<void> read_resource(const trace_configuration& configured, const variable_reader& variable,
                            otlp_settings& result) {
    auto attributes = read_pairs(variable("OTEL_RESOURCE_ATTRIBUTES"), "OTEL_RESOURCE_ATTRIBUTES", ',');
    if (!attributes)
        return failure(std::move(attributes).error());
    auto service = variable("OTEL_SERVICE_NAME");
    for (auto& [name, value] : *attributes) {
        if (name == "service.name" && service.empty())
            service = value;
        else if (name != "service.name")
            result.resource.emplace_back(name, without_secrets(value));
    }
    if (service.empty())
        service = configured.service_name.empty() ? "gestvenv" : configured.service_name;
    result.resource.emplace_back("service.name", service);
    result.resource.emplace_back("service.version", std::string{program_version});
    result.resource.emplace_back("process.pid", std::to_string(::getpid()));
    return {};
}

} // namespace

std::string variable_of_process(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): read only
    return value == nullptr ? "" : value;
}

outcome<std::optional<otlp_settings>> read_otlp_settings(const trace_configuration& configured,
                                                         const variable_reader& variable) {
    if (variable("OTEL_SDK_DISABLED") == "true" || variable("OTEL_TRACES_EXPORTER") == "none")
        return std::nullopt;
    otlp_settings result;
    auto good = [&]() -> outcome<bool> {
        if (auto url = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); !url.empty())
            return read_endpoint(url, true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", result).map([] {
                return true;
            });
        if (auto url = variable("OTEL_EXPORTER_OTLP_ENDPOINT"); !url.empty())
            return read_endpoint(url, false, "OTEL_EXPORTER_OTLP_ENDPOINT", result).map([] { return true; });
        if (!configured.endpoint.empty())
            return read_endpoint(configured.endpoint, false, "endpoint in the table [traces]", result)
                .map([] { return true; });
        return false;
    }();
    if (!good)
        return failure(std::move(good).error());
    if (!*good)
        return std::nullopt;
    auto protocol = variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
    if (protocol.empty())
        protocol = variable("OTEL_EXPORTER_OTLP_PROTOCOL");
    if (protocol == "grpc")
        return failure(
            error_code::invalid_argument, "traces are sent over HTTP alone, and the variables say grpc",
            "set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json, and the endpoint to the collector's port "
            "for HTTP (4318)");
    if (auto timeout = variable("OTEL_EXPORTER_OTLP_TIMEOUT"); !timeout.empty()) {
        int number = 0;
        auto [end, problem] = std::from_chars(timeout.data(), timeout.data() + timeout.size(), number);
        constexpr int longest = 60'000;
        if (problem != std::errc{} || end != timeout.data() + timeout.size() || number < 1 ||
            number > longest)
            return failure(error_code::invalid_argument,
                           "OTEL_EXPORTER_OTLP_TIMEOUT must be 1 to 60000 milliseconds");
        result.timeout = std::chrono::milliseconds{number};
    }
    return read_headers(configured, variable, result)
        .and_then([&] { return read_resource(configured, variable, result); })
        .map([&] { return std::optional{std::move(result)}; });
}

} // namespace gestvenv
