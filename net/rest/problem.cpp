// SPDX-License-Identifier: MIT
#include "net/rest/problem.hpp"

#include "messages/json.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <utility>

namespace gestvenv::rest {

namespace {

constexpr int seconds_until_retry = 1;

http::response document(int status, nlohmann::json body) {
    body["type"] = "about:blank";
    body["title"] = title_of(status);
    body["status"] = status;
    http::response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/problem+json");
    if (status == 429 || status == 503)
        answer.headers.add("Retry-After", std::to_string(seconds_until_retry));
    if (status == 401)
        answer.headers.add("WWW-Authenticate", "Bearer");
    answer.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return answer;
}

} // namespace

// What a client could not have done better is 5xx; a limit that is met passes, so 429.
int status_of(error_code code) noexcept {
    switch (code) {
    case error_code::invalid_argument:
        return 400;
    case error_code::not_authenticated:
        return 401;
    case error_code::permission_denied:
        return 403;
    case error_code::environment_not_found:
    case error_code::not_found:
        return 404;
    case error_code::name_in_use:
    case error_code::illegal_transition:
    case error_code::environment_busy:
    case error_code::request_conflict:
    case error_code::cancelled:
        return 409;
    case error_code::environment_gone:
        return 410;
    case error_code::creation_failed:
    case error_code::interpreter_not_found:
    case error_code::backend_not_found:
    case error_code::install_failed:
    case error_code::command_not_found:
    case error_code::command_not_executable:
    case error_code::command_timed_out:
    case error_code::isolation_unavailable:
        return 422;
    case error_code::resources_exhausted:
        return 429;
    case error_code::node_unreachable:
        return 502;
    case error_code::shutting_down:
        return 503;
    case error_code::deadline_exceeded:
        return 504;
    case error_code::storage_full:
        return 507;
    case error_code::cleanup_incomplete:
    case error_code::launcher_crashed:
    case error_code::launcher_unavailable:
    case error_code::actor_crashed:
    case error_code::journal_failed:
    case error_code::system_failure:
        return 500;
    }
    return 500;
}

std::string_view exception_name_of(error_code code) noexcept {
    switch (code) {
    case error_code::environment_not_found:
        return "EnvironmentNotFoundException";
    case error_code::resources_exhausted:
        return "ResourceExhaustedException";
    case error_code::creation_failed:
    case error_code::interpreter_not_found:
    case error_code::backend_not_found:
        return "EnvironmentCreationException";
    case error_code::cleanup_incomplete:
    case error_code::environment_busy:
        return "CleanupException";
    case error_code::isolation_unavailable:
        return "IsolationException";
    case error_code::install_failed:
        return "InstallException";
    case error_code::command_not_found:
    case error_code::command_not_executable:
        return "ExecutionError";
    case error_code::command_timed_out:
        return "TimeoutError";
    case error_code::invalid_argument:
    case error_code::name_in_use:
        return "InvalidArgumentException";
    default:
        return "EphemeralException";
    }
}

std::string_view title_of(int status) noexcept {
    constexpr std::array<std::pair<int, std::string_view>, 24> titles{{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {507, "Insufficient Storage"},
    }};
    for (const auto& [number, title] : titles)
        if (number == status)
            return title;
    return status == 504 ? "Gateway Timeout" : std::string_view{};
}

http::response problem(const error& what) {
    return problem(what, nlohmann::json::object());
}

http::response problem(const error& what, const nlohmann::json& more) {
    auto body = more;
    body["detail"] = what.message;
    body["code"] = to_string(what.code);
    body["exception"] = exception_name_of(what.code);
    if (!what.environment.empty())
        body["environment"] = what.environment;
    if (!what.hint.empty())
        body["hint"] = what.hint;
    return document(status_of(what.code), std::move(body));
}

http::response problem(int status, std::string_view detail, std::string_view hint) {
    nlohmann::json body{{"detail", detail}};
    // What is sent again in the same form is refused again.
    body["code"] = to_string(status >= 500 ? error_code::system_failure : error_code::invalid_argument);
    body["exception"] = exception_name_of(error_code::invalid_argument);
    if (!hint.empty())
        body["hint"] = hint;
    return document(status, std::move(body));
}

} // namespace gestvenv::rest
