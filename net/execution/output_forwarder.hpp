// SPDX-License-Identifier: MIT
// A command's output on its way to a client that may be slower.
#pragma once

#include "system/process/output_sink.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace gestvenv::execution {

class output_forwarder final : public output_sink {
public:
    /// Bytes that wait for the client beyond which the command has to wait.
    static constexpr std::size_t most_waiting = 256 << 10;

    /// `forward` is called on the machine's thread, and must not block.
    explicit output_forwarder(std::function<void(output_stream, std::string)> forward)
        : forward_(std::move(forward)) {}

    bool take(output_stream which, std::string_view piece) override {
        if (gone_)
            return true;
        waiting_ += piece.size();
        forward_(which, std::string{piece});
        if (waiting_ < most_waiting)
            return true;
        paused_ = true;
        // There may have been room in between; that it then is told of as well does no harm.
        if (waiting_ >= most_waiting && !gone_)
            return false;
        paused_ = false;
        return true;
    }

    /// So many bytes have left.
    void sent(std::size_t size) {
        if ((waiting_ -= size) < most_waiting / 2 && paused_.exchange(false))
            tell_room();
    }
    /// There is no client any more: the output goes nowhere.
    void drop() {
        gone_ = true;
        if (paused_.exchange(false))
            tell_room();
    }

private:
    std::function<void(output_stream, std::string)> forward_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<bool> paused_{false};
    std::atomic<bool> gone_{false};
};

} // namespace gestvenv::execution
