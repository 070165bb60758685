// SPDX-License-Identifier: MIT
// Copies what a command has made out of its environment, before the environment goes.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run/artifact_pattern.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// What came of it.
struct artifact_report {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    /// What was not copied, though nothing went wrong here: a pattern without a match, a symbolic link.
    std::vector<std::string> warnings;
    /// The first copy that could not be written; nothing was tried after it.
    std::optional<error> problem;
};

/// Copies once, at the first request: the end of the command, or a signal. Everything is reached by
/// descriptor below the environment's folder, and no symbolic link in it is followed; nor is one below a
/// target folder. Only regular files are copied, with their permission to be executed, each beside its target
/// first and then moved over it. Thread-safe.
class artifact_copier {
public:
    explicit artifact_copier(std::vector<artifact_rule> rules) : rules_(std::move(rules)) {}

    bool has_rules() const noexcept { return !rules_.empty(); }

    /// From now on there is something to copy: the `work` folder below `environment`, as the host sees it.
    void environment_is_at(std::filesystem::path environment);
    /// Copies, or waits for the copy that is under way.
    void copy();
    /// The same, and all of it ends after `limit`, also a copy that is under way: what is not copied by then
    /// is told as a warning.
    void copy_within(std::chrono::milliseconds limit);

    /// Call when no copy is under way any more.
    const artifact_report& report() const noexcept { return report_; }

private:
    std::vector<artifact_rule> rules_;
    std::atomic<std::chrono::steady_clock::time_point> deadline_{
        std::chrono::steady_clock::time_point::max()};
    std::mutex mutex_;
    std::filesystem::path environment_;
    bool done_ = false;
    artifact_report report_;
};

} // namespace gestvenv::cli
