// SPDX-License-Identifier: MIT
#include "net/page/page_cookie.hpp"
#include "net/page/page_files.hpp"
#include "net/page/page_info.hpp"
#include "net/page/page_service.hpp"
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "system/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unistd.h>
#include <utility>

namespace gestvenv::rest {

namespace {

using page::page_file;
using page::page_sessions;

constexpr std::uint64_t most_in_request = 4096;

/// Nothing from elsewhere, nothing inline, in no frame: also what an environment's output might smuggle in does not run.
constexpr const char* content_policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src "
                                       "'self'; img-src 'self'; connect-src 'self'; "
                                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void add_security(http::response& answer) {
    answer.headers.add("Content-Security-Policy", content_policy);
    answer.headers.add("X-Content-Type-Options", "nosniff");
    answer.headers.add("Referrer-Policy", "no-referrer");
    answer.headers.add("Cross-Origin-Opener-Policy", "same-origin");
    answer.headers.add("Cross-Origin-Resource-Policy", "same-origin");
}

bool accepts_gzip(const call& what) {
    const auto* accepted = what.asked().headers.find("Accept-Encoding");
    return accepted != nullptr && accepted->find("gzip") != std::string::npos;
}

bool has_it(const call& what, const page_file& file) {
    const auto* known = what.asked().headers.find("If-None-Match");
    return known != nullptr && known->find(file.entity_tag) != std::string::npos;
}

void answer_file(const call& what, const page_file& file) {
    if (!file.encoding.empty() && !accepts_gzip(what))
        return what.exchange->answer(problem(406, "the page's files are compressed",
                                             "ask with Accept-Encoding: gzip, as curl --compressed does"));
    http::response answer;
    add_security(answer);
    answer.headers.add("ETag", std::string{file.entity_tag});
    // Asked for each time, and mostly answered with 304: another node may have another page.
    answer.headers.add("Cache-Control", "no-cache");
    answer.headers.add("Vary", "Accept-Encoding");
    if (has_it(what, file)) {
        answer.status = 304;
        return what.exchange->answer(std::move(answer));
    }
    answer.headers.add("Content-Type", std::string{file.media_type});
    if (!file.encoding.empty())
        answer.headers.add("Content-Encoding", std::string{file.encoding});
    answer.body = file.content;
    what.exchange->answer(std::move(answer));
}

const page_file* file_named(std::string_view name) {
    const auto all = page::page_files();
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

void show_page(call what) {
    if (const auto* file = file_named("index.html"))
        return answer_file(what, *file);
    http::response answer;
    answer.status = 404;
    add_security(answer);
    answer.headers.add("Content-Type", "text/plain; charset=utf-8");
    answer.body = "This node was built without its page; gestvenv doctor says why.\n"
                  "Its interface is below /api/v1; /openapi.json describes it.\n";
    what.exchange->answer(std::move(answer));
}

void show_file(call what) {
    const auto& name = what.parameters.find("file")->second;
    if (const auto* file = file_named(name))
        return answer_file(what, *file);
    what.refuse({error_code::not_found, fmt::format("the page has no file '{}'", name), {}, {}});
}

// The file is of use for as long as the link is.
void remove_later(node_services& node, const std::string& file) {
    node.server->post_after(page_sessions::link_lives, [&node, file] {
        node.runtime->callbacks().post([file] { ::unlink(file.c_str()); });
    });
}

void give_link(call what) {
    if (!what.asked().from.local)
        return what.refuse({error_code::permission_denied,
                            "links to the page are given on the node's machine alone",
                            {},
                            "gestvenv node open, there"});
    if (page::page_files().empty())
        return what.refuse({error_code::not_found,
                            "this node was built without its page",
                            {},
                            "gestvenv doctor says why, and what to do"});
    page::page_link_request wanted;
    if (!what.body.is_null()) {
        auto body = body_of<page::page_link_request>(what);
        if (!body)
            return;
        wanted = *body;
    }
    auto port = what.node->page.listen(*what.node->server);
    if (!port)
        return what.refuse(port.error());
    auto secret = what.node->page.sessions().invite(wanted.read_only ? right::read : right::admin);
    if (!secret)
        return what.refuse(secret.error());
    page::page_link link;
    link.url = fmt::format("http://{}:{}/#open={}", what.node->page.host(), *port, *secret);
    link.expires_at = std::chrono::system_clock::now() + page_sessions::link_lives;
    if (!wanted.with_file)
        return what.answer(201, to_json_value(link));
    what.node->runtime->callbacks().post([what, link]() mutable {
        auto file = page::write_link_file(link.url);
        if (!file)
            return what.refuse(file.error());
        link.file = file->string();
        remove_later(*what.node, link.file);
        what.answer(201, to_json_value(link));
    });
}

std::string cookie(std::string_view value, std::chrono::seconds lives) {
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict", session_cookie, value,
                       lives.count());
}

page::page_session_info shown(const page_sessions::found_session& session) {
    return {std::string{to_string(session.who.may)}, std::chrono::system_clock::now() + session.left,
            program_version};
}

void answer_with_cookie(const call& what, int status, const nlohmann::json& body, std::string text) {
    http::response answer;
    answer.status = status;
    answer.headers.add("Set-Cookie", std::move(text));
    answer.headers.add("Cache-Control", "no-store");
    if (!body.is_null()) {
        answer.headers.add("Content-Type", "application/json");
        answer.body = body.dump();
    }
    what.exchange->answer(std::move(answer));
}

void begin_session(call what) {
    auto asked = body_of<page::page_session_request>(what);
    if (!asked)
        return;
    if (!is_of_page(*what.node, what.asked()))
        return what.refuse({error_code::permission_denied,
                            "a session is given under the page's own name alone",
                            {},
                            "use the link as gestvenv node open prints it"});
    auto secret = what.node->page.sessions().redeem(asked->link);
    if (!secret)
        return what.refuse(secret.error());
    auto session = what.node->page.sessions().find(*secret);
    if (!session)
        return what.refuse(session.error());
    what.node->was_used();
    answer_with_cookie(what, 201, to_json_value(shown(*session)), cookie(*secret, session->left));
}

void show_session(call what) {
    const auto secret = session_secret(what.asked());
    auto session = what.node->page.sessions().find(secret.value_or(""));
    if (!session)
        return what.refuse(session.error());
    what.answer(200, to_json_value(shown(*session)));
}

void end_session(call what) {
    if (const auto secret = session_secret(what.asked()))
        what.node->page.sessions().end(*secret);
    answer_with_cookie(what, 204, {}, cookie("", std::chrono::seconds{0}));
}

// An open page does not keep the node; a person who works in it does.
void note_activity(call what) {
    what.node->was_used();
    what.answer(204);
}

constexpr std::array page_answers{
    route_answer{200, "the page", nullptr, "text/html; charset=utf-8"},
    route_answer{304, "as it is known already"},
    route_answer{404, "this node has no page", nullptr, "text/plain; charset=utf-8"}};
constexpr std::array file_answers{
    route_answer{200, "the file, as its type is", nullptr, "application/octet-stream"},
    route_answer{304, "as it is known already"}};
constexpr std::array link_answers{route_answer{201, "a link that works once", schema_of<page::page_link>}};
constexpr std::array begin_answers{
    route_answer{201, "a cookie for the page", schema_of<page::page_session_info>}};
constexpr std::array session_answers{
    route_answer{200, "the session of the cookie", schema_of<page::page_session_info>}};
constexpr std::array no_content{route_answer{204, "done"}};

const std::array page{
    route{.method = "GET",
          .path = "/",
          .operation_id = "showPage",
          .summary = "The page for a browser.",
          .needs = right::none,
          .answers = page_answers,
          .handle = show_page},
    route{.method = "GET",
          .path = "/page/{file}",
          .operation_id = "showPageFile",
          .summary = "What the page consists of.",
          .needs = right::none,
          .answers = file_answers,
          .handle = show_file},
    route{.method = "POST",
          .path = "/api/v1/system/page",
          .operation_id = "openPage",
          .summary = "Gives a link to the page that works once, within a minute. On the Unix socket alone.",
          .needs = right::admin,
          .body = schema_of<page::page_link_request>,
          .body_is_optional = true,
          .body_bounds = {most_in_request, false},
          .answers = link_answers,
          .handle = give_link},
    route{.method = "POST",
          .path = "/page/session",
          .operation_id = "beginPageSession",
          .summary = "Exchanges the secret of a link for a cookie.",
          .needs = right::none,
          .body = schema_of<page::page_session_request>,
          .body_bounds = {most_in_request, false},
          .answers = begin_answers,
          .handle = begin_session},
    route{.method = "GET",
          .path = "/page/session",
          .operation_id = "showPageSession",
          .summary = "What the page's cookie is good for.",
          .answers = session_answers,
          .handle = show_session},
    route{.method = "DELETE",
          .path = "/page/session",
          .operation_id = "endPageSession",
          .summary = "Ends the session of the cookie.",
          .answers = no_content,
          .handle = end_session},
    route{.method = "POST",
          .path = "/page/activity",
          .operation_id = "notePageActivity",
          .summary = "A person uses the page: for the node's idle end this counts as a request.",
          .answers = no_content,
          .handle = note_activity},
};

} // namespace

std::span<const route> browser_page() {
    return page;
}

} // namespace gestvenv::rest
