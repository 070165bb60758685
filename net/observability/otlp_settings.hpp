// SPDX-License-Identifier: MIT
// Where traces go, as OpenTelemetry's variables and the configuration have it. Source: OpenTelemetry Protocol Exporter,
// Environment Variable Specification.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

struct trace_configuration;

struct otlp_settings {
    http::server_address where;
    /// `/v1/traces`
    std::string target;
    /// Secrets.
    std::vector<std::pair<std::string, std::string>> headers;
    /// Of the resource: `service.name` and others.
    std::vector<std::pair<std::string, std::string>> resource;
    /// Of one request.
    std::chrono::milliseconds timeout{10'000};
};

/// The value of a variable; empty: it is not set.
using variable_reader = std::function<std::string(const char* name)>;
std::string variable_of_process(const char* name);

/// None where no endpoint is given. A variable wins over the configuration. The values of headers become known as
/// secrets (system/redaction.hpp).
outcome<std::optional<otlp_settings>> read_otlp_settings(const trace_configuration& configured,
                                                         const variable_reader& variable);

} // namespace gestvenv
