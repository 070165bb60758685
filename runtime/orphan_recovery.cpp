#include "runtime/orphan_recovery.hpp"

#include "messages/json.hpp"
#include "system/journal/journal.hpp"
#include "system/journal/state_folder.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/spawn_options.hpp>

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::chrono::seconds undo_limit{60};

// What one environment of a dead runtime left.
struct leftovers {
    std::vector<resource_id> intents;
    protocol::undo order;
};

leftovers& add(std::map<std::string, leftovers>& all, const unfinished_resource& item) {
    auto& entry = all[item.environment_id];
    entry.intents.push_back(item.id);
    if (item.kind == resource_kind::storage_folder) {
        entry.order.folders.push_back(item.detail.value("path", std::string{}));
        entry.order.owner_marker = item.detail.value("owner", std::string{});
    } else if (item.kind == resource_kind::cgroup) {
        for (const auto& path : item.detail.value("paths", std::vector<std::string>{}))
            entry.order.cgroups.push_back(path);
    }
    // A keeper and a detached mount died with their launcher.
    return entry;
}

outcome<protocol::ended> undo(machine& host, const protocol::undo& order) {
    auto promise = std::make_shared<std::promise<outcome<protocol::ended>>>();
    auto future = promise->get_future();
    host.undo(order, [promise](outcome<protocol::ended> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(undo_limit) != std::future_status::ready)
        return failure(error_code::deadline_exceeded, "the launcher did not answer");
    return future.get();
}

outcome<void> finish(machine& host, journal& records, const std::string& id, const leftovers& left) {
    auto result = undo(host, left.order);
    if (!result)
        return failure(result.error());
    if (!result->residue.empty()) {
        const auto& first = result->residue.front();
        return failure(error_code::cleanup_incomplete,
                       fmt::format("{} {}: {}", first.kind, first.name, first.why));
    }
    if (auto crossed_out = records.done(left.intents); !crossed_out)
        return crossed_out;
    teardown_receipt receipt;
    receipt.environment_id = id;
    receipt.reason = cleanup_reason::orphaned;
    receipt.finished_at = std::chrono::system_clock::now();
    receipt.processes_killed = result->processes_killed;
    receipt.cgroups_removed = result->cgroups_removed;
    receipt.files_removed = result->files_removed;
    receipt.bytes_removed = result->bytes_removed;
    return records.environment_ended(id, cleanup_reason::orphaned, to_json_value(receipt));
}

void recover(machine& host, state_folder folder, const std::function<void(std::string_view)>& log) {
    auto path = folder.path().string();
    {
        auto records = journal::open(folder.path());
        if (!records)
            return log(fmt::format("the journal in {} cannot be read: {}", path, records.error().message));
        auto unfinished = records->unfinished();
        if (!unfinished)
            return log(fmt::format("the journal in {} cannot be read: {}", path, unfinished.error().message));
        std::map<std::string, leftovers> all;
        for (const auto& item : *unfinished)
            add(all, item);
        bool everything = true;
        for (const auto& [id, left] : all) {
            if (auto finished = finish(host, *records, id, left); !finished) {
                everything = false;
                log(fmt::format("environment {} of a crashed runtime cannot be removed: {}", id,
                                finished.error().message));
            } else {
                log(fmt::format("removed what environment {} of a crashed runtime had left", id));
            }
        }
        if (!everything)
            return;
    }
    if (auto removed = folder.remove(); !removed)
        log(fmt::format("the state folder {} cannot be removed: {}", path, removed.error().message));
}

} // namespace

void recover_orphans(caf::actor_system& system, machine& host, const std::filesystem::path& state_root,
                     std::function<void(std::string_view)> log) {
    // The search is a few system calls; only what it finds takes time.
    auto found = state_folder::find_free(state_root);
    if (!found) {
        log(found.error().message);
        return;
    }
    if (found->empty())
        return;
    auto folders = std::make_shared<std::vector<state_folder>>(std::move(*found));
    system.spawn<caf::detached>([folders, &host, log = std::move(log)](caf::event_based_actor*) {
        for (auto& folder : *folders)
            recover(host, std::move(folder), log);
    });
}

} // namespace gestvenv
