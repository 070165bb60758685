// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "net/rest/server_events.hpp"

#include <gestvenv/operation_info.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

constexpr std::int64_t usually_on_a_page = 100;
constexpr std::chrono::milliseconds between_looks{20};

void with_operation(const call& what, std::function<void(listed_operation&)> go) {
    const auto id = what.parameters.find("operation")->second;
    ask<listed_operation>(
        what, what.node->operations(),
        [what, id, go = std::move(go)](listed_operation& found) {
            if (what.who.reaches(found.owner))
                return go(found);
            what.refuse({error_code::not_found, fmt::format("there is no operation {}", id), {}, {}});
        },
        find_atom_v, id);
}

void list(call what) {
    ask<std::vector<listed_operation>>(
        what, what.node->operations(),
        [what](std::vector<listed_operation>& all) {
            std::vector<operation_info> visible;
            for (auto& one : all)
                if (what.who.reaches(one.owner)) {
                    // Of each the whole is shown alone: a page of outputs is of no use.
                    if (one.info.result) {
                        one.info.result->stdout_text.clear();
                        one.info.result->stderr_text.clear();
                    }
                    visible.push_back(std::move(one.info));
                }
            answer_page(what, visible, usually_on_a_page, [](const auto& one) { return one.id; });
        },
        list_atom_v);
}

void show(call what) {
    with_operation(what, [what](listed_operation& found) { what.answer(200, to_json_value(found.info)); });
}

void cancel(call what) {
    with_operation(what, [what](listed_operation& found) {
        what.node->runtime->begin_at<void>(
            what.node->operations(),
            [what](outcome<void> asked) {
                if (asked)
                    what.answer(204);
                else
                    what.refuse(asked.error());
            },
            cancel_atom_v, found.info.id);
    });
}

// Asked again until it has ended: the output ends a moment before the operation does.
void await_end(const call& what, const std::string& id, std::function<void(const operation_info&)> hear) {
    ask<listed_operation>(
        what, what.node->operations(),
        [what, id, hear = std::move(hear)](listed_operation& found) {
            if (found.info.status != operation_status::running)
                return hear(found.info);
            what.node->server->post_after(between_looks, [what, id, hear] { await_end(what, id, hear); });
        },
        find_atom_v, id);
}

void follow(call what) {
    std::uint64_t offset = 0;
    if (const auto* last = what.asked().headers.find("Last-Event-ID"))
        std::from_chars(last->data(), last->data() + last->size(), offset);
    with_operation(what, [what, offset](listed_operation& found) {
        if (!found.output)
            return what.refuse({error_code::invalid_argument, "only a command has output", {}, {}});
        auto finished = [what, id = found.info.id](std::function<void(const operation_info&)> hear) {
            await_end(what, id, std::move(hear));
        };
        send_output(*what.node, what.exchange->begin(event_stream_head()),
                    {found.output, offset, false, std::move(finished), {}});
    });
}

constexpr std::array list_query{
    query_parameter{"limit", kind::number, "operations on a page (default 100)", 1, 1'000},
    query_parameter{"cursor", kind::text, "`next` of the page before"},
};
constexpr std::array list_answers{
    route_answer{200, "a page, newest first, without captured output", page_schema_of<operation_info>}};
constexpr std::array one_answer{route_answer{200, "the operation", schema_of<operation_info>}};
constexpr std::array no_content{route_answer{204, "it was asked to end"}};
constexpr std::array output_answer{
    route_answer{200, "events `output`, `gap` and at last `end`", nullptr, "text/event-stream"}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/operations",
          .operation_id = "listOperations",
          .summary = "Lists what is under way and what has ended lately.",
          .query = list_query,
          .answers = list_answers,
          .handle = list},
    route{.method = "GET",
          .path = "/api/v1/operations/{operation}",
          .operation_id = "showOperation",
          .summary = "Shows an operation, with its result when it has ended.",
          .answers = one_answer,
          .handle = show},
    route{.method = "DELETE",
          .path = "/api/v1/operations/{operation}",
          .operation_id = "cancelOperation",
          .summary = "Asks an operation to end: a command gets SIGTERM, and SIGKILL after the grace.",
          .needs = right::write,
          .answers = no_content,
          .handle = cancel},
    route{.method = "GET",
          .path = "/api/v1/operations/{operation}/output",
          .operation_id = "followOutput",
          .summary =
              "What a command writes, from the beginning or from Last-Event-ID on, as server-sent events.",
          .answers = output_answer,
          .handle = follow},
};

} // namespace

std::span<const route> operation_page() {
    return page;
}

} // namespace gestvenv::rest
