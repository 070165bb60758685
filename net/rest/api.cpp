// SPDX-License-Identifier: MIT
#include "net/rest/api.hpp"

#include "net/node/peer_check.hpp"
#include "net/page/page_cookie.hpp"
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace gestvenv::rest {

namespace {

bool is_json(std::string_view type) {
    auto end = type.find(';');
    auto name = std::string{type.substr(0, end)};
    while (!name.empty() && name.back() == ' ')
        name.pop_back();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return name == "application/json";
}

bool writes(const http::request& head) {
    return head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS";
}

std::optional<std::string> wrong_query(const http::request& head, const route& to) {
    for (const auto& [name, value] : head.query) {
        auto known = std::find_if(to.query.begin(), to.query.end(),
                                  [&, &wanted = name](const auto& one) { return one.name == wanted; });
        if (known == to.query.end())
            return fmt::format("{} {} has no parameter '{}'", to.method, to.path, name);
        if (known->takes == query_parameter::kind::flag && value != "true" && value != "false" &&
            value != "1" && value != "0")
            return fmt::format("the parameter '{}' must be true or false", name);
        if (known->takes != query_parameter::kind::number)
            continue;
        std::int64_t number = 0;
        auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (problem != std::errc{} || end != value.data() + value.size() || number < known->least ||
            number > known->most)
            return fmt::format("the parameter '{}' must be {} to {}", name, known->least, known->most);
    }
    return {};
}

} // namespace

api::api(node_services& node) : node_(node), router_(all_pages()) {}

bool api::admits(const http::peer& from) {
    if (!from.local)
        return true; // each request has its token
    const auto launcher = node_.runtime->shared()->machine->greeting().launcher_pid;
    return may_connect(*from.local, static_cast<pid_t>(launcher));
}

http::response api::refusal(int status, std::string_view what) {
    return problem(status, what);
}

outcome<principal> api::principal_of(const http::request& head) const {
    const auto* given = head.headers.find("Authorization");
    if (given == nullptr) {
        if (head.from.local)
            return principal{"local", right::admin, false};
        if (is_of_page(node_, head)) {
            const auto secret = session_secret(head);
            if (!secret)
                return failure(error_code::not_authenticated, "this browser has no session of the page",
                               "gestvenv node open, on the node's machine, prints a link");
            return node_.page.sessions().find(*secret).map(
                [](const page::page_sessions::found_session& session) { return session.who; });
        }
        return failure(error_code::not_authenticated, "this needs a token",
                       "gestvenv token create, on the node's machine, makes one; send it as Authorization: "
                       "Bearer TOKEN");
    }
    constexpr std::string_view scheme = "Bearer ";
    if (!given->starts_with(scheme))
        return failure(error_code::not_authenticated, "only Authorization: Bearer is understood");
    return node_.tokens->find(std::string_view{*given}.substr(scheme.size()));
}

// A page of another site, open in the user's browser, can send requests here, and by DNS rebinding under our own name.
std::optional<http::response> api::check_origin(const http::request& head) const {
    const auto* host = head.headers.find("Host");
    if (!head.from.local) {
        auto name = host == nullptr ? std::string_view{} : host_of(*host);
        if (name != node_.page.host() &&
            std::find(node_.host_names.begin(), node_.host_names.end(), name) == node_.host_names.end())
            return problem(421, fmt::format("this node is not called '{}'", name),
                           "gestvenv node start --host-name NAME adds a name");
    }
    const auto* origin = head.headers.find("Origin");
    const bool opens_web_socket = head.headers.find("Sec-WebSocket-Key") != nullptr;
    if (!writes(head) && !opens_web_socket)
        return {};
    // A browser sends a cookie along whatever page asks, and with all that changes something the origin, too.
    const bool by_cookie = head.headers.find("Authorization") == nullptr && is_of_page(node_, head);
    if (origin == nullptr && !by_cookie)
        return {};
    const auto own =
        fmt::format("{}://{}", head.from.encrypted ? "https" : "http", host == nullptr ? "" : *host);
    if (host == nullptr || origin == nullptr || *origin != own)
        return problem(
            error{error_code::permission_denied, "a page of another origin may not ask for this", {}, {}});
    return {};
}

std::variant<api::admitted, http::response> api::admit(const http::request& head) const {
    auto match = router_.find(head.method, head.path);
    if (match.found == nullptr && match.other_methods.empty())
        return problem(
            error{error_code::not_found, "there is no such path", {}, "GET /openapi.json lists them"});
    if (match.found == nullptr) {
        auto answer = problem(405, fmt::format("{} is not possible here", head.method));
        answer.headers.add("Allow", fmt::format("{}", fmt::join(match.other_methods, ", ")));
        return answer;
    }
    const auto& to = *match.found;
    if (auto wrong = check_origin(head))
        return std::move(*wrong);
    principal who;
    if (to.needs != right::none) {
        auto known = principal_of(head);
        if (!known)
            return problem(known.error());
        who = std::move(*known);
        if (who.may < to.needs)
            return problem(error{error_code::permission_denied,
                                 fmt::format("this needs the right '{}', and the token has '{}'",
                                             to_string(to.needs), to_string(who.may)),
                                 {},
                                 {}});
    }
    if (auto wrong = wrong_query(head, to))
        return problem(error{error_code::invalid_argument, *wrong, {}, {}});
    return admitted{&to, std::move(match.parameters), std::move(who)};
}

std::variant<http::body_rule, http::response> api::begins(const http::request& head) {
    auto let_in = admit(head);
    if (auto* refused = std::get_if<http::response>(&let_in))
        return std::move(*refused);
    const auto& to = *std::get<admitted>(let_in).to;
    const auto* type = head.headers.find("Content-Type");
    if (to.body != nullptr && (type == nullptr ? !to.body_is_optional : !is_json(*type)))
        return problem(415, "the body must be JSON", "send it with Content-Type: application/json");
    return to.body_bounds;
}

void api::trace(call& what) const {
    const auto* named = what.asked().headers.find("traceparent");
    auto context = named == nullptr ? std::nullopt : parse_traceparent(*named);
    what.trace = context ? *context : new_trace();
    if (node_.observability->says(log_level::debug))
        node_.observability->say(log_level::debug,
                                 fmt::format("request of {}: {} {}",
                                             what.who.id.empty() ? "anyone" : what.who.id,
                                             what.asked().method, what.asked().target),
                                 what.trace);
}

void api::handle(std::shared_ptr<http::exchange> what) {
    // A token may have been revoked since the header was read.
    auto let_in = admit(what->asked());
    if (auto* refused = std::get_if<http::response>(&let_in))
        return what->answer(std::move(*refused));
    if (node_.runtime_closes)
        return call{std::move(what), {}, {}, &node_, &router_, {}, {}}.refuse_at_end();
    auto& found = std::get<admitted>(let_in);
    call one{std::move(what), std::move(found.who), std::move(found.parameters), &node_, &router_, {}, {}};
    trace(one);
    const auto& text = one.asked().body;
    if (found.to->body != nullptr && !(text.empty() && found.to->body_is_optional)) {
        auto body = parse_json(text);
        if (!body)
            return one.refuse(body.error());
        one.body = std::move(*body);
    }
    if (found.to->idempotent_by_key) {
        one.exchange = keys_.begin(one.who.id, one.exchange);
        if (!one.exchange)
            return;
    }
    found.to->handle(std::move(one));
}

} // namespace gestvenv::rest
