// A connection to one peer, watched by a reactor: messages leave at once where the socket has room, otherwise
// in order as soon as it has.
#pragma once

#include "system/process/channel.hpp"
#include "system/process/reactor.hpp"

#include <deque>
#include <string>
#include <vector>

namespace gestvenv {

/// Not thread-safe.
class outbox {
public:
    /// Bound on what waits for a peer that does not read, in messages; a further one is an error.
    static constexpr std::size_t most_waiting = 10000;

    explicit outbox(channel connection) : connection_(std::move(connection)) {}

    /// Calls `news` on the reactor's thread when there is something to receive, when the peer is gone, and
    /// when there is room for what waits. Edge-triggered: receive until there is no more, then flush().
    outcome<void> watch(reactor& events, reactor::handler news);
    /// Ends the watch and the connection.
    void close();

    outcome<void> send(std::string bytes, std::vector<descriptor> attached = {});
    outcome<channel::status> receive(channel::message& target) { return connection_.receive(target); }
    /// Sends what the socket takes.
    outcome<void> flush();

private:
    struct item {
        std::string bytes;
        std::vector<descriptor> attached;
    };

    outcome<void> send_waiting();
    /// Room is of interest only while something waits: each message that the peer takes would be news.
    outcome<void> want_room(bool wanted);

    channel connection_;
    std::deque<item> waiting_;
    reactor* events_ = nullptr;
    reactor::token watched_ = 0;
    bool wants_room_ = false;
};

} // namespace gestvenv
