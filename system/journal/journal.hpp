// SPDX-License-Identifier: MIT
// The journal: what of a runtime outlives a crash, written down before it is made and crossed out when it is
// proven gone, so that the next start can finish. Also each environment's end, with cause and receipt.
//
// SQLite in WAL mode with `synchronous=NORMAL` (sqlite.org/wal.html): what a call has returned from survives
// the death of every process, at the price of a few microseconds; a power loss may take the last entries with
// it, never the file's soundness. One file, `journal.db` and its companions, in the state folder, whose lock
// the caller holds (state_folder.hpp): there is one journal object per folder. Other processes may read it
// (journal_contents.hpp).
//
// Not thread-safe: one thread at a time, a thread of its own at best, since `maintain` waits for the disk. No
// call waits longer than 1 s for another process. In a forked child every call fails and the destructor does
// nothing.
#pragma once

#include <gestvenv/enumerations.hpp>

#include "messages/outcome.hpp"
#include "system/journal/journal_contents.hpp"
#include "system/journal/journal_damage.hpp"
#include "system/journal/resource_record.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gestvenv {

/// What an intent must survive.
enum class durability : std::uint8_t {
    process_death, ///< the default
    power_loss,    ///< one sync to disk (0.1 to 10 ms): for what lives on elsewhere and costs money
};

/// Errors of every call: `storage_full`, `permission_denied`, `journal_failed`; `invalid_argument` for JSON
/// with text that is not UTF-8 (`to_json_value` makes none) or beyond 1 MiB, and for what is no kind's name.
/// A call that fails has changed nothing.
class journal {
public:
    /// How long ends are kept, at least, unless there are more than `most_ends`: then the last of them.
    static constexpr std::chrono::hours retention{1};
    static constexpr int most_ends = 20'000;
    /// How long a damaged file that was set aside keeps the folder from being disposable, by the wall clock.
    static constexpr std::chrono::hours damage_retention{7 * 24};

    /// Opens the journal in `folder`, or makes one. A damaged file is set aside, what can be read of it
    /// carried over (see `damage`). One that a newer version wrote is an error and stays as it is.
    static outcome<journal> open(const std::filesystem::path& folder);

    journal(journal&&) noexcept;
    journal& operator=(journal&&) noexcept;
    ~journal();

    /// Set when `open` found the file damaged.
    const std::optional<journal_damage>& damage() const noexcept;

    /// Writes down what is about to be made, in one transaction; ids in the order of `records`. An empty
    /// environment id stands for the runtime as a whole. Only after success may anything be made. Refused
    /// with `storage_full` while there is still room for cleanups. Takes about 0.02 ms.
    outcome<std::vector<resource_id>> intend(std::string_view environment_id,
                                             std::span<const resource_record> records,
                                             durability survives = durability::process_death);

    /// Replaces what is known of an intended resource, e.g. once a keeper has its pid. `journal_failed` when
    /// the id is not unfinished.
    outcome<void> amend(resource_id id, const nlohmann::json& detail);

    /// Crosses out what is proven gone, works on a full disk. An id crossed out before is no error. More than
    /// 64 ids are crossed out in several transactions.
    outcome<void> done(std::span<const resource_id> ids);

    /// Notes an environment, or what has changed about it.
    outcome<void> environment_started(std::string_view id, const nlohmann::json& info);

    /// Notes its end. Works on a full disk for the first hundred or so; beyond that it fails and `done` still
    /// works.
    outcome<void> environment_ended(std::string_view id, cleanup_reason cause, const nlohmann::json& receipt);

    /// All that may exist, newest first: the order in which to undo.
    outcome<std::vector<unfinished_resource>> unfinished();

    /// Environments that ended at least `retention` ago may be missing; oldest first.
    outcome<std::vector<environment_entry>> receipts();
    /// Environments without an end, oldest first.
    outcome<std::vector<environment_entry>> living();

    /// Whether the folder may go, once its ends are in the archive (ended_archive.hpp): nothing unfinished,
    /// nothing set aside lately.
    outcome<bool> disposable();
    /// Takes out all ends, because the archive has them.
    outcome<void> forget_ends();

    /// Upkeep, to be called every second or so and after bursts: forgets old ends, moves the write-ahead log
    /// into the database when it has grown (which waits for the disk), allocates space ahead. Where it is not
    /// called, a write does the log's part when the log has 2,000 pages.
    outcome<void> maintain();

private:
    struct state;
    explicit journal(std::unique_ptr<state> owned) noexcept;
    std::unique_ptr<state> state_;
};

} // namespace gestvenv
