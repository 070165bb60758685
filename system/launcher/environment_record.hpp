// SPDX-License-Identifier: MIT
// One line of the launcher's undo table: everything that was made for an environment, and how far its
// teardown is.
#pragma once

#include "system/launcher/abilities.hpp"
#include "system/launcher/environment_storage.hpp"
#include "system/launcher/helper_process.hpp"
#include "system/launcher/keeper.hpp"
#include "system/launcher/orphan_hunt.hpp"
#include "system/launcher/process_usage.hpp"
#include "system/launcher/system_v_segments.hpp"
#include "system/limits/cgroup.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/process_handle.hpp"
#include "system/process/channel.hpp"
#include "system/process/protocol.hpp"

#include <sys/mman.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

/// The page that a keeper shares with the launcher.
class shared_page {
public:
    shared_page() = default;
    static shared_page make();
    /// Of those that are made from now on.
    void keep_from_children() const;
    keeper_page* get() const noexcept { return page_.get(); }
    explicit operator bool() const noexcept { return static_cast<bool>(page_); }

private:
    struct unmap {
        void operator()(keeper_page* page) const noexcept { ::munmap(page, sizeof *page); }
    };
    std::unique_ptr<keeper_page, unmap> page_;
};

/// What the calling program was started with, before the launcher raised its own.
struct caller_limits {
    rlimit open_files{};
    rlimit file_size{};
    rlimit cpu_time{};
    /// Unset: commands have the launcher's.
    std::optional<std::chrono::nanoseconds> time_slice;
};

class environment_record {
public:
    using clock = std::chrono::steady_clock;

    environment_record(std::string id, environment_storage storage)
        : id_(std::move(id)), storage_(std::move(storage)) {}

    const std::string& id() const noexcept { return id_; }
    const environment_storage& storage() const noexcept { return storage_; }
    bool has_keeper() const noexcept { return keeper_pid_ > 0; }
    pid_t keeper_pid() const noexcept { return keeper_alive_ ? keeper_pid_ : -1; }

    /// Starts the keeper; `runtime_end` goes to the runtime. One that the runtime could not take its
    /// connection to, for want of a descriptor, is handed over again.
    outcome<protocol::keeper_started> start_keeper(const protocol::start_keeper& request,
                                                   const abilities& able, const descriptor& self,
                                                   const caller_limits& of_caller, channel& runtime_end);

    /// The runtime has its connection to the keeper.
    void keeper_taken() noexcept { untaken_.reset(); }

    /// Begins teardown, hastens one under way, or tries one again that left something. `request` is answered
    /// when it is finished; 0: none.
    void begin_end(std::uint64_t request, std::chrono::milliseconds grace, orphan_hunt& orphans);
    bool ending() const noexcept { return stage_ != stage::alive; }

    /// The keeper was reaped.
    void keeper_ended(orphan_hunt& orphans);
    /// Takes the next steps that are possible now.
    void advance(orphan_hunt& orphans);
    bool finished() const noexcept { return stage_ == stage::finished; }
    /// When `advance` must be called again at the latest; unset: an event will come.
    std::optional<clock::time_point> wake_at() const;
    /// Readable when the removal has news; -1 when none is under way.
    int removal_reader() const noexcept { return removal_ ? removal_->reader() : -1; }
    pid_t removal_pid() const noexcept { return removal_ ? removal_->pid() : -1; }
    /// What it uses now; reads a dozen files at most. `processes` where `needs_snapshot`.
    usage_reading read_usage(const process_snapshot* processes);
    /// All of its processes but the keeper. May block as long as /proc does: for a helper, which needs the descriptor
    /// of the group (-1: there is none).
    std::vector<pid_t> processes() const;
    bool has_pid_namespace() const noexcept { return in_force_ == containment::pid_namespace; }
    int group_descriptor() const noexcept { return group_.get(); }
    /// Whether only a look at all processes tells which are its.
    bool needs_snapshot() const noexcept { return keeper_alive_ && !group_; }
    /// The size of its folder, and which measuring found it.
    void note_size(std::int64_t bytes, std::uint64_t turn) noexcept {
        folder_bytes_ = bytes;
        measured_in_ = turn;
    }
    std::uint64_t measured_in() const noexcept { return measured_in_; }
    /// The request to answer, once; 0: none waits.
    std::uint64_t take_request() noexcept { return std::exchange(request_, 0); }
    protocol::ended report() const { return report_; }

private:
    enum class stage { alive, stopping, killing, emptying, removing, finished };

    outcome<keeper_limits> make_groups(const protocol::start_keeper& request, const abilities& able);
    void remove_groups();
    std::chrono::microseconds cpu_time();
    void read_group(usage_reading& reading) const;
    void read_tree(const process_snapshot& processes, usage_reading& reading) const;
    void kill_keeper();
    void kill_commands();
    void empty_groups(orphan_hunt& orphans);
    /// Only a namespace surely takes all of its processes along.
    bool may_leave_orphans() const noexcept {
        return keeper_pid_ > 0 && in_force_ != containment::pid_namespace;
    }
    void remove_storage();
    outcome<void> prepare_shared_memory(const protocol::start_keeper& request, const abilities& able);
    void remove_shared_memory();

    std::string id_;
    environment_storage storage_;
    /// Of version 2: holds the processes together.
    cgroup group_;
    /// Of version 1: limit only.
    std::vector<cgroup> limiting_;
    keeper_limits limits_;
    shared_page page_;
    /// Its private /dev/shm.
    descriptor shared_memory_;
    bool own_ipc_ = false;
    /// Where it shares the host's.
    std::optional<segment_ledger> segments_;
    pid_t keeper_pid_ = -1;
    bool keeper_alive_ = false;
    /// Not before its commands have ended.
    bool keeper_goes_last_ = false;
    process_handle keeper_;
    containment in_force_ = containment::none;
    /// The runtime's end of the connection to the keeper, until it has it, and what comes with it.
    descriptor untaken_;
    protocol::keeper_started started_;

    descriptor cpu_file_;
    descriptor keeper_cpu_file_;
    std::optional<usage_reading> last_;
    std::optional<std::int64_t> folder_bytes_;
    std::uint64_t measured_in_ = 0;

    stage stage_ = stage::alive;
    clock::time_point deadline_;
    std::uint64_t request_ = 0;
    std::optional<helper_process> removal_;
    protocol::ended report_;
};

} // namespace gestvenv
