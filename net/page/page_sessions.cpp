// SPDX-License-Identifier: MIT
#include "net/page/page_sessions.hpp"

#include "net/tls/digest.hpp"
#include "system/random_identifier.hpp"

#include <algorithm>

namespace gestvenv::page {

namespace {

constexpr const char* how_to_open = "gestvenv node open, on the node's machine, prints another link";

/// 244 random bits.
std::string new_secret() {
    auto text = random_identifier() + random_identifier();
    std::erase(text, '-');
    return text;
}

/// Digests are compared: how long that takes tells nothing of a secret.
template <class Entries>
auto find_in(Entries& all, const std::string& digest) {
    return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.digest == digest; });
}

} // namespace

outcome<std::string> page_sessions::invite(rest::right may) {
    auto secret = new_secret();
    auto digest = sha256_of(secret);
    if (!digest)
        return failure(std::move(digest).error());
    std::scoped_lock lock{mutex_};
    links_.push_back({std::move(*digest), may, now_() + link_lives, false});
    forget_old(links_, most_links);
    return secret;
}

outcome<std::string> page_sessions::redeem(std::string_view link) {
    auto secret = new_secret();
    auto of_link = sha256_of(link);
    auto of_session = sha256_of(secret);
    if (!of_link || !of_session)
        return failure(of_link ? of_session.error() : of_link.error());
    std::scoped_lock lock{mutex_};
    forget_old(links_, most_links);
    auto found = find_in(links_, *of_link);
    if (found == links_.end())
        return failure(error_code::not_authenticated, "this link is not known, or older than a minute",
                       how_to_open);
    if (found->used)
        return failure(error_code::not_authenticated, "this link was used already; it works once",
                       std::string{how_to_open} +
                           "; if it was not you who used it, gestvenv node stop ends what was opened by it");
    found->used = true;
    sessions_.push_back({std::move(*of_session), found->may, now_() + session_lives, true});
    forget_old(sessions_, most_sessions);
    return secret;
}

outcome<page_sessions::found_session> page_sessions::find(std::string_view secret) const {
    auto digest = sha256_of(secret);
    if (!digest)
        return failure(std::move(digest).error());
    std::scoped_lock lock{mutex_};
    auto found = find_in(sessions_, *digest);
    const auto now = now_();
    if (found == sessions_.end() || now >= found->until)
        return failure(error_code::not_authenticated, "this session of the page has ended", how_to_open);
    return found_session{{"local", found->may, true},
                         std::chrono::duration_cast<std::chrono::seconds>(found->until - now)};
}

void page_sessions::end(std::string_view secret) {
    auto digest = sha256_of(secret);
    if (!digest)
        return;
    std::scoped_lock lock{mutex_};
    if (auto found = find_in(sessions_, *digest); found != sessions_.end())
        sessions_.erase(found);
}

void page_sessions::forget_old(std::deque<entry>& all, std::size_t most) const {
    const auto now = now_();
    std::erase_if(all, [&](const entry& one) { return now >= one.until; });
    while (all.size() > most)
        all.pop_front();
}

} // namespace gestvenv::page
