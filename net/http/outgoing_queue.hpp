// SPDX-License-Identifier: MIT
// What waits for a client of a streamed answer or a WebSocket, bounded.
#pragma once

#include "net/http/loop.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gestvenv::http {

class outgoing_queue : public std::enable_shared_from_this<outgoing_queue> {
public:
    struct piece {
        std::string bytes;
        bool binary = false;
    };
    struct batch {
        std::vector<piece> pieces;
        std::size_t bytes = 0;
        /// Nothing follows.
        bool ended = false;
        /// The writer is gone without an end, or has written far too much.
        bool broken = false;
    };

    outgoing_queue(std::shared_ptr<loop> where, std::size_t most) : loop_(std::move(where)), most_(most) {}

    // Any thread.
    bool put(std::string bytes, bool binary);
    void on_room(std::function<void()> resume);
    void on_gone(std::function<void()> hear);
    void end();
    /// The writer is gone.
    void abandon();

    // The server's thread.
    /// `hear` runs when there is something to take. Must not hold this queue.
    void attach(std::function<void()> hear);
    /// About `most_bytes`, at least one piece if there is any.
    batch take(std::size_t most_bytes);
    /// What was taken has been written.
    void sent(std::size_t bytes);
    /// The client is gone.
    void gone();

private:
    void wake(std::unique_lock<std::mutex>& hold);

    const std::shared_ptr<loop> loop_;
    const std::size_t most_;
    std::mutex guard_;
    std::deque<piece> pieces_;
    std::size_t waiting_ = 0;
    bool woken_ = false;
    bool ended_ = false;
    bool broken_ = false;
    bool gone_ = false;
    std::function<void()> room_;
    std::function<void()> hear_gone_;
    /// Of the server's thread alone.
    std::function<void()> consumer_;
};

} // namespace gestvenv::http
