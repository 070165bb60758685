// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "net/rest/server_events.hpp"

#include <gestvenv/known_environments.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <array>
#include <charconv>
#include <mutex>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

constexpr std::int64_t usual_events = 100;
constexpr std::int64_t most_events = 1'000;

bool wants_stream(const call& what) {
    const auto* accepts = what.asked().headers.find("Accept");
    return accepts != nullptr && accepts->find("text/event-stream") != std::string::npos;
}

/// An event of the runtime as a whole is the administrator's.
bool may_see(const call& what, const runtime_event& event) {
    return event.environment_id.empty() ? what.who.may == right::admin
                                        : what.who.reaches(what.node->owners.of(event.environment_id));
}

// A stream that its client does not read in time loses events, and is told so by the gap in the numbers.
void follow(const call& what, const std::string& environment_id) {
    event_receiver receiver;
    if (const auto* last = what.asked().headers.find("Last-Event-ID"))
        std::from_chars(last->data(), last->data() + last->size(), receiver.after);
    auto head = event_stream_head();
    head.is_counted = !what.who.is_page; // an open tab of a browser does not keep the node
    auto body = what.exchange->begin(std::move(head));
    body->write(": events follow\n\n");
    struct state {
        std::mutex mutex;
        bool has_room = true;
        bool gone = false;
        event_stream_actor stream;
    };
    auto shared = std::make_shared<state>();
    receiver.take = [what, body, shared, environment_id](const numbered_event& event) {
        if (!environment_id.empty() && event.event.environment_id != environment_id)
            return true;
        if (!may_see(what, event.event))
            return true;
        {
            std::scoped_lock lock{shared->mutex};
            if (shared->gone)
                return false;
            if (!shared->has_room)
                return true;
        }
        const bool has_room = body->write(server_event(
            to_string(event.event.kind), std::to_string(event.number),
            to_json_value(event.event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
        if (!has_room) {
            std::scoped_lock lock{shared->mutex};
            shared->has_room = false;
            body->on_room([shared] {
                std::scoped_lock inner{shared->mutex};
                shared->has_room = true;
            });
        }
        return true;
    };
    body->on_gone([shared] {
        std::scoped_lock lock{shared->mutex};
        shared->gone = true;
        if (shared->stream)
            caf::anon_send_exit(shared->stream, caf::exit_reason::user_shutdown);
    });
    ask<event_stream_actor>(
        what, what.node->events(),
        [shared](event_stream_actor& stream) {
            std::scoped_lock lock{shared->mutex};
            if (shared->gone)
                caf::anon_send_exit(stream, caf::exit_reason::user_shutdown);
            else
                shared->stream = stream;
        },
        follow_atom_v, std::move(receiver));
}

void events(call what) {
    if (wants_stream(what))
        return follow(what, {});
    auto all = what.node->runtime->events(most_events, {});
    std::erase_if(all, [&](const auto& event) { return !may_see(what, event); });
    const auto most = static_cast<std::size_t>(what.number("most", usual_events));
    if (all.size() > most)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    what.answer(200, to_json_value(all));
}

void environment_events(call what) {
    with_environment(what, [what](const environment_info& found) {
        if (wants_stream(what))
            return follow(what, found.id);
        const auto most = static_cast<std::size_t>(what.number("most", usual_events));
        what.answer(200, to_json_value(what.node->runtime->events(most, found.id)));
    });
}

// Files are read on the thread of callbacks, which nothing of the node waits for.
void receipts(call what) {
    what.node->runtime->callbacks().post([what] {
        std::vector<teardown_receipt> receipts;
        try {
            for (auto& known : find_known_environments(what.node->state_root).environments)
                if (known.receipt && what.who.reaches(what.node->owners.of(known.id)))
                    receipts.push_back(std::move(*known.receipt));
        } catch (const ephemeral_exception& problem) {
            return what.refuse(problem.details());
        }
        answer_page(what, receipts, usual_events, [](const auto& one) { return one.environment_id; });
    });
}

constexpr std::array most_query{
    query_parameter{"most", kind::number, "the last ones (default 100)", 1, most_events}};
constexpr std::array receipts_query{
    query_parameter{"limit", kind::number, "receipts on a page (default 100)", 1, most_events},
    query_parameter{"cursor", kind::text, "`next` of the page before"},
};
constexpr std::array events_answers{
    route_answer{200, "oldest first", schema_of<std::vector<runtime_event>>},
    route_answer{200, "events to come, each a runtime_event", nullptr, "text/event-stream"},
};
constexpr std::array receipts_answers{route_answer{200, "oldest first", page_schema_of<teardown_receipt>}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/events",
          .operation_id = "listEvents",
          .summary = "The last events. With Accept: text/event-stream those to come, from Last-Event-ID on.",
          .query = most_query,
          .answers = events_answers,
          .handle = events},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/events",
          .operation_id = "listEnvironmentEvents",
          .summary = "The last events of an environment, or as server-sent events those to come.",
          .query = most_query,
          .answers = events_answers,
          .handle = environment_events},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/receipts",
          .operation_id = "listReceipts",
          .summary = "Receipts of environments that have ended, for at least an hour.",
          .query = receipts_query,
          .answers = receipts_answers,
          .handle = receipts},
};

} // namespace

std::span<const route> event_page() {
    return page;
}

} // namespace gestvenv::rest
