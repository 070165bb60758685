// SPDX-License-Identifier: MIT
// Makes lines of a command's output and hands them to the host, on its callback thread.
#pragma once

#include "runtime/callback_thread.hpp"
#include "system/process/output_sink.hpp"

#include <gestvenv/environment.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gestvenv {

/// Lines without their line ends; one longer than `longest_line` comes in pieces.
class output_lines final : public output_sink, public std::enable_shared_from_this<output_lines> {
public:
    static constexpr std::size_t longest_line = 64 << 10;
    /// Bytes handed over and not yet taken by the host beyond which the command has to wait.
    static constexpr std::size_t most_waiting = 1 << 20;

    output_lines(callback_thread& thread, output_callback host) : thread_(thread), host_(std::move(host)) {}

    bool take(output_stream which, std::string_view piece) override;
    /// What came without a line end is a line at the end. On the machine's thread or after its last `take`.
    void finish();

private:
    void hand_over(output_stream which, std::string line);

    callback_thread& thread_;
    output_callback host_;
    std::array<std::string, 2> begun_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<bool> paused_{false};
};

} // namespace gestvenv
