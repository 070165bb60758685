// SPDX-License-Identifier: MIT
// Who is let in to the page: by a link that works once, and then by a cookie. All of it ends with the node.
#pragma once

#include "messages/outcome.hpp"
#include "net/rest/principal.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace gestvenv::page {

/// Secrets are kept as digests alone: memory of the node that is read gives no access. Thread-safe.
class page_sessions {
public:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds link_lives{60};
    static constexpr std::chrono::hours session_lives{12};
    /// Of more than that the oldest are forgotten.
    static constexpr std::size_t most_links = 64;
    static constexpr std::size_t most_sessions = 64;

    explicit page_sessions(std::function<clock::time_point()> now = clock::now) : now_(std::move(now)) {}

    /// The secret of a new link.
    outcome<std::string> invite(rest::right may);
    /// What a link is exchanged for, once: the secret of a session. Error: not_authenticated, in other words for a link
    /// that was used than for one that is too old or was never given.
    outcome<std::string> redeem(std::string_view link);

    struct found_session {
        rest::principal who;
        std::chrono::seconds left{};
    };
    /// Error: not_authenticated.
    outcome<found_session> find(std::string_view secret) const;
    void end(std::string_view secret);

private:
    struct entry {
        std::string digest;
        rest::right may = rest::right::none;
        clock::time_point until;
        bool used = false;
    };
    void forget_old(std::deque<entry>& all, std::size_t most) const;

    std::function<clock::time_point()> now_;
    mutable std::mutex mutex_;
    /// Oldest first.
    std::deque<entry> links_;
    std::deque<entry> sessions_;
};

} // namespace gestvenv::page
