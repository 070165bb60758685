// SPDX-License-Identifier: MIT
// Samplings under way in the launcher: a few environments at a time, so that no other request waits for one,
// and folders in a child, because they take as long as there are files.
#pragma once

#include "system/launcher/environment_record.hpp"
#include "system/launcher/helper_process.hpp"
#include "system/launcher/process_usage.hpp"
#include "system/process/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gestvenv {

class usage_sampling {
public:
    using table = std::map<std::string, std::unique_ptr<environment_record>>;
    using answer = std::function<void(std::uint64_t request, protocol::sampled)>;

    /// Files and folders that one sampling looks at, over all environments.
    static constexpr std::int64_t most_entries = 50'000;
    /// Samplings that may wait; a further one is refused.
    static constexpr std::size_t most_waiting = 100;

    /// False: too many wait already.
    bool add(std::uint64_t request, protocol::sample body);
    /// Takes the next step; `done` is called for each sampling that is complete.
    void advance(const table& environments, const answer& done);
    /// Whether `advance` has something to do without waiting for an event.
    bool ready() const noexcept { return !waiting_.empty() && !measuring_; }
    /// Readable when the child has news; -1 without one.
    int reader() const noexcept { return measuring_ ? measuring_->reader() : -1; }
    pid_t pid() const noexcept { return measuring_ ? measuring_->pid() : -1; }

private:
    struct sampling {
        std::uint64_t request = 0;
        protocol::sample wanted;
        bool measured = false;
        std::size_t next = 0;
        std::optional<process_snapshot> processes;
        protocol::sampled result;
    };

    void begin_measuring(sampling& item, const table& environments);
    void note_sizes(const table& environments);

    std::deque<sampling> waiting_;
    std::optional<helper_process> measuring_;
    /// Counts measurings, so that those who waited longest come first.
    std::uint64_t turn_ = 0;
};

} // namespace gestvenv
