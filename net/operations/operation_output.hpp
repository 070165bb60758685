// SPDX-License-Identifier: MIT
// What a command of an operation has written, for those who follow it while it runs.
#pragma once

#include "system/process/output_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// A part of the output. Offsets count the bytes of both streams together.
struct output_piece {
    std::uint64_t offset = 0;
    output_stream stream = output_stream::standard_output;
    std::string text;
};

/// Keeps the last `most_kept` bytes. A follower that is slower than the command misses what lies before them and is told
/// how much; the one that owns the command is never overtaken: the command waits for it. Thread-safe.
class operation_output final : public output_sink {
public:
    static constexpr std::size_t most_kept = std::size_t{1} << 20;
    /// After the end: operations are kept for a while.
    static constexpr std::size_t most_kept_afterwards = std::size_t{64} << 10;

    bool take(output_stream stream, std::string_view text) override;
    /// Nothing comes any more.
    void end();

    /// The next piece at `offset` or behind it; none where there is none yet.
    std::optional<output_piece> read(std::uint64_t offset) const;
    bool ended() const;

    /// `changed` is called after each change, from any thread, and must not block; the number is for
    /// `unfollow`. After `unfollow` it may be called once more.
    std::uint64_t follow(std::function<void()> changed);
    void unfollow(std::uint64_t follower);
    /// The owner has read up to here. Called once with 0, the command waits for its owner from then on;
    /// `no_owner` ends that.
    void owner_has_read(std::uint64_t offset);
    void no_owner();

private:
    bool is_full() const noexcept;
    void cut(std::size_t most);
    void tell();

    mutable std::mutex mutex_;
    std::deque<output_piece> pieces_;
    std::size_t kept_ = 0;
    std::uint64_t end_offset_ = 0;
    std::optional<std::uint64_t> owner_at_;
    bool ended_ = false;
    bool stopped_ = false;
    std::uint64_t next_follower_ = 1;
    std::map<std::uint64_t, std::function<void()>> followers_;
};

} // namespace gestvenv
