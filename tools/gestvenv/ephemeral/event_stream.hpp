// SPDX-License-Identifier: MIT
// A node's events while they happen, as server-sent events (WHATWG HTML, section 9.2).
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <gestvenv/runtime_event.hpp>

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// Calls `take` with each event of an environment (of the whole node, for an empty id) that the node keeps, and then with
/// each that comes, until it returns false, the node ends the stream, or `interrupted` is asked for. Error: node_unreachable, environment_not_found and the node's others.
outcome<void> follow_events(const node_choice& choice, const std::string& environment_id,
                            const std::function<bool(const runtime_event&)>& take,
                            const std::stop_token& interrupted = {});

/// Puts a stream together from its pieces: calls `take` with the data of each event.
class event_reader {
public:
    /// False: what came is no such stream, or `take` returned false.
    bool read(std::string_view piece, const std::function<bool(std::string_view data)>& take);

private:
    /// A piece of output has 1 MiB at most, and a byte of it six letters.
    static constexpr std::size_t longest_line = std::size_t{8} << 20;

    std::string line_;
    std::string data_;
};

} // namespace gestvenv::cli
