// SPDX-License-Identifier: MIT
// Where a node writes its log: a queue of bounded length and a thread of its own, so that no caller waits for a disk.
#pragma once

#include "messages/outcome.hpp"
#include "net/observability/log_line.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace gestvenv {

struct log_settings {
    log_format format = log_format::text;
    log_level level = log_level::info;
    /// Empty: standard error.
    std::filesystem::path file;
    /// Of the file; then it becomes `NAME.1`, the one before `NAME.2` ..., and `files` in all are kept.
    std::size_t largest_file = std::size_t{4} << 20;
    std::size_t files = 3;
    /// Lines that wait to be written; then the oldest is dropped.
    std::size_t queue = 4'096;
};

/// Thread-safe. Never blocks and never throws.
class node_log {
public:
    node_log() = default;
    node_log(const node_log&) = delete;
    node_log& operator=(const node_log&) = delete;
    /// Writes what waits, for some seconds at most.
    virtual ~node_log() = default;

    virtual bool takes(log_level level) const noexcept = 0;
    virtual void write(const log_line& line) noexcept = 0;
    /// Lines that were dropped because others waited. The log says so as well.
    virtual std::uint64_t dropped() const noexcept = 0;
};

/// In net/telemetry, or in net/without_telemetry for programs that are no node.
outcome<std::unique_ptr<node_log>> open_node_log(const log_settings& settings);

} // namespace gestvenv
