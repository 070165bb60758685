// SPDX-License-Identifier: MIT
// The runtime's events for clients that follow them: numbered, the last ones kept, each stream an actor of its own.
#pragma once

#include "net/operations/actors.hpp"

#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace gestvenv {

class event_streams_state {
public:
    /// For clients that come back after a lost connection.
    static constexpr std::size_t most_kept = 1'000;

    using pointer = event_streams_actor::pointer;

    explicit event_streams_state(pointer self) : self_(self) {}
    event_streams_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.event_streams";

private:
    event_stream_actor follow(event_receiver receiver);

    pointer self_;
    std::uint64_t next_number_ = 1;
    std::deque<numbered_event> kept_;
    std::uint64_t next_stream_ = 1;
    std::map<std::uint64_t, event_stream_actor> streams_;
};

event_streams_actor spawn_event_streams(caf::actor_system& system);

} // namespace gestvenv
