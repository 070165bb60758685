// SPDX-License-Identifier: MIT
// What is told of an environment: written by its actor, read by the supervisor, which so answers for all of
// them without a message to each.
#pragma once

#include "system/tracing/span.hpp"

#include <gestvenv/environment_info.hpp>

#include <mutex>
#include <optional>
#include <utility>

namespace gestvenv {

class shared_info {
public:
    /// `creation`: the span in which the environment is made, if anyone receives spans.
    explicit shared_info(environment_info info, std::optional<request_origin> creation = {})
        : info_(std::move(info)), creation_(std::move(creation)) {}

    const std::optional<request_origin>& creation() const noexcept { return creation_; }

    environment_info copy() const {
        std::scoped_lock lock{mutex_};
        return info_;
    }

    /// For the environment's actor, the only one that changes it while it lives.
    const environment_info& own() const noexcept { return info_; }

    /// `function(environment_info&)`, alone.
    template <class Function>
    void change(Function function) {
        std::scoped_lock lock{mutex_};
        function(info_);
    }

private:
    mutable std::mutex mutex_;
    environment_info info_;
    const std::optional<request_origin> creation_;
};

} // namespace gestvenv
