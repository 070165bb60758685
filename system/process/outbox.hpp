// SPDX-License-Identifier: MIT
// A connection to one peer, watched by a reactor: messages leave at once where the socket has room, otherwise
// in order as soon as it has.
#pragma once

#include "system/process/channel.hpp"
#include "system/process/reactor.hpp"
#include "system/process/send_patience.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace gestvenv {

/// Not thread-safe.
class outbox {
public:
    /// Bound on what waits for a peer that does not read, in messages; a further one is an error.
    static constexpr std::size_t most_waiting = 10000;

    /// Hears that a message which had to wait cannot be sent after all; the others go on.
    using unsent = std::function<void(std::uint64_t request, const error& why)>;

    outbox(channel connection, unsent on_unsent, send_patience::limits allowed = {})
        : connection_(std::move(connection)), on_unsent_(std::move(on_unsent)), patience_(allowed) {}

    /// Calls `news` on the reactor's thread when there is something to receive, when the peer is gone, and
    /// when there is room for what waits, or another try is due. Edge-triggered: receive until there is no
    /// more, then flush().
    outcome<void> watch(reactor& events, reactor::handler news);
    /// Ends the watch and the connection.
    void close();

    /// The error is of this message alone, but for `environment_gone`: there is no other end any more.
    outcome<void> send(std::string bytes, std::vector<descriptor> attached = {});
    outcome<channel::status> receive(channel::message& target) { return connection_.receive(target); }
    /// Sends what the socket takes. The error is that there is no other end any more, or that it has not
    /// taken a message for so long that it is as good as gone.
    outcome<void> flush();

private:
    struct item {
        std::uint64_t request = 0;
        packet message;
        std::vector<descriptor> attached;
    };

    outcome<channel::status> send_one(const item& next);
    outcome<void> send_waiting();
    /// After a try in vain: the error is that there were enough of them.
    outcome<void> wait_on();
    /// Room is of interest only while something waits: each message that the peer takes would be news.
    outcome<void> want_room(bool wanted);

    channel connection_;
    unsent on_unsent_;
    send_patience patience_;
    std::deque<item> waiting_;
    reactor* events_ = nullptr;
    reactor::token watched_ = 0;
    bool wants_room_ = false;
};

} // namespace gestvenv
