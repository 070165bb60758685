// SPDX-License-Identifier: MIT
// What a row of the benchmark found: figures, and the targets they are read against. Judging them is the
// reader's.
#pragma once

#include "tools/bench/statistics.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::bench {

/// One contestant's figures.
struct figures {
    std::string name;
    /// Else a peer, which is compared with the first contestant.
    bool ours = false;
    /// As it is to be printed ("p50 at most 1 ms", "at least 20x"); empty where nothing is aimed at.
    std::string target;
    summary times;
    /// For rows that measure a rate: how many were completed per second, by all threads together.
    std::optional<double> per_second = {};
};

struct row_result {
    /// What `--row` takes.
    std::string name;
    std::string title;
    /// Ours first.
    std::vector<figures> contestants;
    /// Runnable processes, averaged over the last minute, when the row began.
    double load = 0;
    /// What a reader has to know: who could not take part, and why.
    std::vector<std::string> notes;
    /// Why the row could not be measured; empty when it was.
    std::string problem;
};

/// How many times as long the peer takes as we do, at p50. Unset when one of them has not been measured.
inline std::optional<double> ratio(const summary& ours, const summary& peer) {
    if (ours.count == 0 || peer.count == 0 || ours.p50.count() == 0)
        return std::nullopt;
    return static_cast<double>(peer.p50.count()) / static_cast<double>(ours.p50.count());
}

/// How much longer we take than the peer, at p50.
inline std::optional<std::chrono::nanoseconds> excess(const summary& ours, const summary& peer) {
    if (ours.count == 0 || peer.count == 0)
        return std::nullopt;
    return ours.p50 - peer.p50;
}

} // namespace gestvenv::bench
