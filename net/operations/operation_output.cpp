// SPDX-License-Identifier: MIT
#include "net/operations/operation_output.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gestvenv {

// The owner is behind by as much as is kept.
bool operation_output::is_full() const noexcept {
    return owner_at_ && !ended_ && end_offset_ - *owner_at_ >= most_kept;
}

bool operation_output::take(output_stream stream, std::string_view text) {
    bool has_room = true;
    {
        std::scoped_lock lock{mutex_};
        pieces_.push_back({end_offset_, stream, std::string{text}});
        end_offset_ += text.size();
        kept_ += text.size();
        // What the owner has not read is bounded by what the machine reads at a time.
        if (!owner_at_ || pieces_.front().offset + pieces_.front().text.size() <= *owner_at_)
            cut(most_kept);
        has_room = !is_full();
        stopped_ = !has_room;
    }
    tell();
    return has_room;
}

void operation_output::cut(std::size_t most) {
    while (kept_ > most && pieces_.size() > 1) {
        const auto& first = pieces_.front();
        if (owner_at_ && first.offset + first.text.size() > *owner_at_)
            return; // the owner misses nothing, also when the command has ended before it has read all
        kept_ -= first.text.size();
        pieces_.pop_front();
    }
}

void operation_output::end() {
    {
        std::scoped_lock lock{mutex_};
        ended_ = true;
        if (!owner_at_)
            cut(most_kept_afterwards);
    }
    tell();
}

std::optional<output_piece> operation_output::read(std::uint64_t offset) const {
    std::scoped_lock lock{mutex_};
    auto found =
        std::upper_bound(pieces_.begin(), pieces_.end(), offset, [](std::uint64_t wanted, const auto& piece) {
            return wanted < piece.offset + piece.text.size();
        });
    if (found == pieces_.end())
        return {};
    auto piece = *found;
    if (piece.offset < offset) {
        piece.text.erase(0, offset - piece.offset);
        piece.offset = offset;
    }
    return piece;
}

bool operation_output::ended() const {
    std::scoped_lock lock{mutex_};
    return ended_;
}

std::uint64_t operation_output::follow(std::function<void()> changed) {
    std::scoped_lock lock{mutex_};
    followers_.emplace(next_follower_, std::move(changed));
    return next_follower_++;
}

void operation_output::unfollow(std::uint64_t follower) {
    std::scoped_lock lock{mutex_};
    followers_.erase(follower);
}

void operation_output::owner_has_read(std::uint64_t offset) {
    bool has_room = false;
    {
        std::scoped_lock lock{mutex_};
        owner_at_ = offset;
        cut(ended_ ? most_kept_afterwards : most_kept);
        has_room = stopped_ && !is_full();
        if (has_room)
            stopped_ = false;
    }
    if (has_room)
        tell_room();
}

void operation_output::no_owner() {
    bool has_room = false;
    {
        std::scoped_lock lock{mutex_};
        owner_at_.reset();
        cut(ended_ ? most_kept_afterwards : most_kept);
        has_room = std::exchange(stopped_, false);
    }
    if (has_room)
        tell_room();
}

// Outside the lock: a follower may read at once.
void operation_output::tell() {
    std::vector<std::function<void()>> all;
    {
        std::scoped_lock lock{mutex_};
        for (const auto& [number, changed] : followers_)
            all.push_back(changed);
    }
    for (const auto& changed : all)
        changed();
}

} // namespace gestvenv
