// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "system/random_identifier.hpp"

#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

constexpr std::int64_t most_on_a_page = 10'000;
constexpr std::int64_t usually_on_a_page = 1'000;

// The environment ends with the connection: its client sees it made in the first line of an answer that does not end.
void hold(const call& what, const environment_info& made) {
    http::response head;
    head.status = 201;
    head.headers.add("Content-Type", "application/x-ndjson");
    head.headers.add("Location", fmt::format("/api/v1/ephemeral/environments/{}", made.id));
    auto body = what.exchange->begin(std::move(head));
    what.node->hold(made.id, body);
    body->on_gone([node = what.node, id = made.id] { node->end_without_owner(id); });
    body->write(to_json_value(made).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void made(const call& what, const environment_info& info) {
    if (what.flag("hold"))
        return hold(what, info);
    http::response whole;
    whole.status = 201;
    whole.headers.add("Content-Type", "application/json");
    whole.headers.add("Location", fmt::format("/api/v1/ephemeral/environments/{}", info.id));
    whole.body = to_json_value(info).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    what.exchange->answer(std::move(whole));
}

// From when it is there to be ended; an owner that has ended meanwhile is heard of at once.
void watch_owner(node_services& node, const std::string& id, process_handle owner) {
    if (auto watched = node.clients->add(id, std::move(owner)); !watched)
        node.end_without_owner(id);
}

void create(call what) {
    auto spec = body_of<environment_spec>(what);
    if (!spec)
        return;
    if (spec->requirements_file)
        if (auto good = check_file_of_client(*spec->requirements_file); !good)
            return what.refuse(good.error());
    for (const auto& file : spec->requirements_files)
        if (auto good = check_file_of_client(file); !good)
            return what.refuse(good.error());
    std::shared_ptr<process_handle> owner;
    if (const auto number = static_cast<pid_t>(what.number("owner_pid", 0)); number != 0) {
        if (!what.asked().from.local)
            return what.refuse(
                {error_code::invalid_argument, "owner_pid is possible on this machine alone", {}, {}});
        auto held = client_watch::hold(number, what.asked().from.local->uid);
        if (!held)
            return what.refuse(held.error());
        owner = std::make_shared<process_handle>(std::move(*held));
    }
    operation_request request;
    request.environment = random_identifier();
    request.owner = what.who.id;
    request.trace = what.trace;
    request.what = std::move(*spec);
    const auto id = request.environment;
    what.node->owners.add(id, what.who.id);
    const bool waits = what.flag("wait", true);
    if (waits)
        request.connection = what.node->connection_of(*what.exchange); // taken back when its client goes
    request.done = [what, id, owner, waits](const operation_info& info) {
        if (info.problem)
            what.node->forget(id);
        else if (owner)
            watch_owner(*what.node, id, std::move(*owner));
        if (!waits)
            return;
        auto kept = std::make_shared<operation_info>(info);
        what.node->server->post([what, kept] {
            if (kept->problem)
                what.refuse(*kept->problem);
            else
                made(what, *kept->made);
        });
    };
    ask<operation_info>(
        what, what.node->operations(),
        [what, waits](operation_info& begun) {
            if (!waits)
                what.answer(202, to_json_value(begun));
        },
        start_atom_v, std::move(request));
}

void list(call what) {
    ask_supervisor<std::vector<environment_info>>(
        what,
        [what](std::vector<environment_info>& all) {
            std::erase_if(all,
                          [&](const auto& one) { return !what.who.reaches(what.node->owners.of(one.id)); });
            std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
                return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
            });
            answer_page(what, all, usually_on_a_page, [](const auto& one) { return one.id; });
        },
        list_atom_v);
}

void show(call what) {
    with_environment(what, [what](const environment_info& found) { what.answer(200, to_json_value(found)); });
}

// A receipt that names residue is an error with the receipt in it.
void ended(const call& what, const teardown_receipt& receipt) {
    what.node->forget(receipt.environment_id);
    if (receipt.clean())
        return what.answer(200, to_json_value(receipt));
    const auto& first = receipt.residue.front();
    what.exchange->answer(
        problem(error{error_code::cleanup_incomplete,
                      fmt::format("{} resources are left, the first of them {} {}: {}",
                                  receipt.residue.size(), first.kind, first.name, first.why),
                      receipt.environment_name, "it is tried again until nothing is left"},
                {{"receipt", to_json_value(receipt)}}));
}

void destroy(call what) {
    with_environment(what, [what](const environment_info& found) {
        note_origin(teardown_of(found.id), request_origin{what.trace, {}});
        ask_supervisor<teardown_receipt>(
            what, [what](teardown_receipt& receipt) { ended(what, receipt); }, destroy_atom_v, found.id,
            cleanup_reason::requested, what.flag("force"));
    });
}

/// Ends several, each with its own receipt; the last reference to this answers.
struct gathered_receipts {
    explicit gathered_receipts(call asked) : what(std::move(asked)) {}
    gathered_receipts(const gathered_receipts&) = delete;
    gathered_receipts& operator=(const gathered_receipts&) = delete;
    ~gathered_receipts() { what.answer(200, to_json_value(receipts)); }

    call what;
    std::vector<teardown_receipt> receipts;
};

void destroy_all(call what) {
    ask_supervisor<std::vector<environment_info>>(
        what,
        [what](std::vector<environment_info>& all) {
            auto gathered = std::make_shared<gathered_receipts>(what);
            for (const auto& one : all) {
                if (!what.who.reaches(what.node->owners.of(one.id)))
                    continue;
                note_origin(teardown_of(one.id), request_origin{what.trace, {}});
                what.node->runtime->begin<teardown_receipt>(
                    [gathered, one](outcome<teardown_receipt> receipt) {
                        auto kept = std::make_shared<outcome<teardown_receipt>>(std::move(receipt));
                        gathered->what.node->server->post([gathered, kept, one] {
                            gathered->what.node->forget(one.id);
                            if (*kept)
                                return gathered->receipts.push_back(std::move(**kept));
                            teardown_receipt without;
                            without.environment_id = one.id;
                            without.environment_name = one.name;
                            without.residue.push_back({"environment", one.id, kept->error().message});
                            gathered->receipts.push_back(std::move(without));
                        });
                    },
                    destroy_atom_v, one.id, cleanup_reason::requested, true);
            }
        },
        list_atom_v);
}

void touch(call what) {
    with_environment(what, [what](const environment_info& found) {
        what.node->runtime->touch(found.id, [what](outcome<void> done) {
            if (done)
                what.answer(204);
            else
                what.refuse(done.error());
        });
    });
}

constexpr std::array create_query{
    query_parameter{"wait", kind::flag,
                    "whether to wait until it is ready (default true); else it is an operation"},
    query_parameter{"hold", kind::flag, "keep the answer open; the environment ends with the connection"},
    query_parameter{"owner_pid", kind::number, "the environment ends with this process (Unix socket only)", 1,
                    4194304},
};
constexpr std::array list_query{
    query_parameter{"limit", kind::number, "environments on a page (default 1000)", 1, most_on_a_page},
    query_parameter{"cursor", kind::text, "`next` of the page before"},
};
constexpr std::array destroy_query{query_parameter{"force", kind::flag, "end it also while it is in use"}};

constexpr std::array create_answers{
    route_answer{201, "it is ready", schema_of<environment_info>},
    route_answer{201, "with `hold`: the same in the first line of an answer that goes on", nullptr,
                 "application/x-ndjson"},
    route_answer{202, "it is being made", schema_of<operation_info>},
};
constexpr std::array list_answers{
    route_answer{200, "a page, oldest first", page_schema_of<environment_info>}};
constexpr std::array one_answer{route_answer{200, "the environment", schema_of<environment_info>}};
constexpr std::array receipt_answer{route_answer{200, "nothing of it is left", schema_of<teardown_receipt>}};
constexpr std::array receipts_answer{
    route_answer{200, "a receipt for each", schema_of<std::vector<teardown_receipt>>}};
constexpr std::array no_content{route_answer{204, "done"}};

const std::array page{
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments",
          .operation_id = "createEnvironment",
          .summary = "Makes an environment with its packages.",
          .needs = right::write,
          .query = create_query,
          .body = schema_of<environment_spec>,
          .answers = create_answers,
          .idempotent_by_key = true,
          .handle = create},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments",
          .operation_id = "listEnvironments",
          .summary = "Lists living environments.",
          .query = list_query,
          .answers = list_answers,
          .handle = list},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}",
          .operation_id = "showEnvironment",
          .summary = "Shows an environment, named by its id, a unique beginning of it, or its name.",
          .answers = one_answer,
          .handle = show},
    route{.method = "DELETE",
          .path = "/api/v1/ephemeral/environments/{env}",
          .operation_id = "destroyEnvironment",
          .summary = "Ends an environment; the receipt says what was removed.",
          .needs = right::write,
          .query = destroy_query,
          .answers = receipt_answer,
          .handle = destroy},
    route{.method = "DELETE",
          .path = "/api/v1/ephemeral/cleanup-all",
          .operation_id = "destroyAllEnvironments",
          .summary = "Ends all environments of this client, also those in use.",
          .needs = right::write,
          .answers = receipts_answer,
          .handle = destroy_all},
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments/{env}/touch",
          .operation_id = "touchEnvironment",
          .summary = "Counts as activity: the idle time starts again.",
          .needs = right::write,
          .answers = no_content,
          .handle = touch},
};

} // namespace

std::span<const route> environment_page() {
    return page;
}

} // namespace gestvenv::rest
