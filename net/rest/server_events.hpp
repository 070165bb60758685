// SPDX-License-Identifier: MIT
// Server-sent events (WHATWG HTML, section 9.2): a command's output, the runtime's events.
#pragma once

#include "net/http/exchange.hpp"
#include "net/operations/operation_output.hpp"

#include <gestvenv/operation_info.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gestvenv {
struct node_services;
} // namespace gestvenv

namespace gestvenv::rest {

/// The head of an answer that is such a stream.
http::response event_stream_head();

/// One event. `data` has no line ends: JSON has none.
std::string server_event(std::string_view name, std::string_view id, std::string_view data);

/// Sends what a command writes from `offset` on, then an event `end` with the operation, and ends the stream.
///
///     event: output
///     id: 4096                          (offset of the byte behind: Last-Event-ID goes on there)
///     data: {"stream":"stdout","text":"..."}   (or {"base64":"..."} in the place of a text that is not UTF-8)
///
/// Where the client was too slow there is an event `gap` with `{"bytes": N}`. With `owns` the command waits for the
/// client instead. `finished` is asked for the operation when its output has ended; `gone` is called when the client goes
/// before that.
struct output_source {
    std::shared_ptr<operation_output> output;
    std::uint64_t offset = 0;
    bool owns = false;
    std::function<void(std::function<void(const operation_info&)>)> finished;
    std::function<void()> gone;
};
void send_output(node_services& node, std::shared_ptr<http::body_stream> body, output_source source);

} // namespace gestvenv::rest
