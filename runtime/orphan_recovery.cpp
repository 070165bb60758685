// SPDX-License-Identifier: MIT
#include "runtime/orphan_recovery.hpp"

#include "messages/fault_point.hpp"
#include "messages/json.hpp"
#include "runtime/environments_not_understood.hpp"
#include "system/journal/boot.hpp"
#include "system/journal/ended_archive.hpp"
#include "system/journal/journal.hpp"
#include "system/journal/resource_kinds.hpp"
#include "system/journal/state_folder.hpp"
#include "system/journal/undo_order.hpp"
#include "system/limits/orphaned_groups.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/folder_names.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/orphaned_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::chrono::seconds undo_limit{60};

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// What one environment of a dead runtime left.
struct leftovers {
    std::string name;
    std::vector<unfinished_resource> resources;
    /// Why it had to end: noted already where its teardown had begun.
    cleanup_reason reason = cleanup_reason::orphaned;
};

void add(leftovers& entry, unfinished_resource item) {
    if (auto resource = read_resource(item.kind, item.detail); resource && entry.name.empty())
        entry.name = environment_name_of(*resource);
    entry.resources.push_back(std::move(item));
}

std::vector<resource_id> intents_of(const leftovers& entry) {
    std::vector<resource_id> intents;
    for (const auto& item : entry.resources)
        intents.push_back(item.id);
    return intents;
}

outcome<protocol::ended> undo(machine& host, const protocol::undo& order) {
    auto promise = std::make_shared<std::promise<outcome<protocol::ended>>>();
    auto future = promise->get_future();
    host.undo(order, [promise](outcome<protocol::ended> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(undo_limit) != std::future_status::ready)
        return failure(error_code::deadline_exceeded, "the launcher did not answer");
    return future.get();
}

teardown_receipt receipt_for(const std::string& id, const std::string& name, cleanup_reason reason) {
    teardown_receipt receipt;
    receipt.environment_id = id;
    receipt.environment_name = name;
    receipt.reason = reason;
    receipt.finished_at = std::chrono::system_clock::now();
    return receipt;
}

teardown_receipt finish(machine& host, const std::string& id, const std::string& name,
                        const protocol::undo& order, cleanup_reason reason) {
    const auto began = std::chrono::steady_clock::now();
    auto result = undo(host, order);
    auto receipt = receipt_for(id, name, reason);
    receipt.duration = std::chrono::steady_clock::now() - began;
    if (!result) {
        receipt.residue.push_back({"environment", id, result.error().message});
        return receipt;
    }
    receipt.add(*result);
    receipt.residue = std::move(result->residue);
    return receipt;
}

class recovery {
public:
    recovery(machine& host, const recovery_places& places, const recovery_log& log)
        : host_(host), places_(places), archive_(places.state_root), log_(log) {}

    std::vector<teardown_receipt> run() {
        while (finish_some_folders()) {
        }
        for (const auto& root : places_.storage_roots)
            while (finish_some_storages(root)) {
            }
        for (const auto& parent : places_.group_parents)
            while (finish_some_groups(parent)) {
            }
        return std::move(receipts_);
    }

private:
    // Each that is found is locked, which takes a descriptor: so some at a time, until there is none that has
    // not been tried.
    bool finish_some_folders() {
        auto folders = state_folder::find_free(places_.state_root);
        if (!folders) {
            log_.warn(folders.error().message);
            return false;
        }
        bool any = false;
        for (auto& folder : *folders)
            if (tried_.insert(folder.path().string()).second) {
                any = true;
                finish_folder(std::move(folder));
            }
        return any;
    }

    bool finish_some_storages(const std::string& root) {
        bool any = false;
        for (const auto& left : orphaned_folders(root))
            if (tried_.insert(left.path).second) {
                any = true;
                if (!has_journal_elsewhere(left) && !not_understood().has_folder(left))
                    finish_storage(left);
            }
        return any;
    }

    // Another program works from the journal that the folder's owner kept, and only that names the processes: without it
    // the folder alone would be said to be all there was.
    static bool has_journal_elsewhere(const orphaned_folder& left) {
        const std::filesystem::path owner{left.owner};
        return owner.is_absolute() && state_folder::is_held(owner);
    }

    struct found_group {
        orphaned_group group;
        std::optional<orphaned_folder> folder;
    };

    // Several programs may each find another part of one environment. It is finished by the one that has its
    // folder, or where there is none its first group, in the order of the parents, which is the same for all:
    // that one waits for the rest, so all others let go of theirs at once, and say nothing of it.
    bool finish_some_groups(const std::string& parent) {
        auto all = orphaned_groups(parent);
        std::erase_if(all, [this](const auto& left) { return !tried_.insert(left.path).second; });
        std::vector<found_group> ours;
        for (auto& left : all) {
            auto folder = folder_of(left);
            const bool is_anothers =
                (folder && (!folder->lock || has_journal_elsewhere(*folder))) || is_held_before(left, parent);
            const bool is_left_alone = not_understood().has_group(name_of(left.path)) ||
                                       (folder && not_understood().has_folder(*folder));
            if (is_anothers || is_left_alone)
                left.lock.reset();
            else
                ours.push_back({std::move(left), std::move(folder)});
        }
        for (auto& left : ours)
            finish_group(std::move(left), parent);
        return !all.empty();
    }

    // Only looked for when something has been found without a journal: all have been read by then that are
    // free, and those that another program is just finishing count as well.
    const environments_not_understood& not_understood() {
        if (!not_understood_)
            not_understood_ = environments_not_understood::find(places_.state_root);
        return *not_understood_;
    }

    // Without a lock where another program has it.
    std::optional<orphaned_folder> folder_of(const orphaned_group& left) const {
        constexpr std::string_view before_id = "gestvenv-";
        auto id = name_of(left.path).substr(before_id.size());
        for (const auto& root : places_.storage_roots)
            if (auto folder = take_folder(root, id))
                return folder;
        return {};
    }

    bool is_held_before(const orphaned_group& left, const std::string& parent) const {
        const auto& parents = places_.group_parents;
        return std::any_of(parents.begin(), std::find(parents.begin(), parents.end(), parent),
                           [&](const auto& one) { return is_held_group(one + "/" + name_of(left.path)); });
    }

    void finish_group(found_group left, const std::string& parent) {
        fault_point("recovery: has found an orphaned group");
        if (left.folder) {
            left.group.lock.reset(); // it is taken again with all others
            tried_.insert(left.folder->path);
            return finish_storage(*left.folder);
        }
        auto name = name_of(left.group.path);
        auto other_parents = places_.group_parents;
        std::erase(other_parents, parent);
        protocol::undo order;
        order.cgroups = {left.group.path};
        note(finish_with(name, std::move(order), {name}, other_parents));
    }

    // The groups of these names as well: nothing is said to be gone that could not be looked at.
    teardown_receipt finish_with(const std::string& id, protocol::undo order,
                                 const std::vector<std::string>& names,
                                 const std::vector<std::string>& parents) {
        auto groups = take_groups(names, parents, places_.patience);
        for (const auto& group : groups.taken) {
            tried_.insert(group.path);
            order.cgroups.push_back(group.path);
        }
        auto receipt = finish(host_, id, {}, order, cleanup_reason::orphaned);
        std::move(groups.left.begin(), groups.left.end(), std::back_inserter(receipt.residue));
        return receipt;
    }

    // What the journal names, and then the folder itself, once nothing in it is needed any more.
    void finish_folder(state_folder folder) {
        auto path = folder.path().string();
        fault_point("recovery: has found a state folder");
        if (!finish_journal(path))
            return;
        fault_point("recovery: is about to remove a state folder");
        if (auto removed = folder.remove(); !removed)
            log_.warn(
                fmt::format("the state folder {} cannot be removed: {}", path, removed.error().message));
    }

    bool finish_journal(const std::string& path) {
        auto give_up = [&](const error& why) {
            auto receipt = receipt_for(name_of(path), {}, cleanup_reason::orphaned);
            receipt.residue.push_back({"journal", path, why.message});
            note(std::move(receipt));
            return false;
        };
        auto records = journal::open(path);
        if (!records)
            return give_up(records.error());
        if (const auto& damage = records->damage())
            log_.warn(
                fmt::format("the journal in {} was damaged ({}): {} resources could be read of it, the rest "
                            "is set aside in {}",
                            path, damage->what, damage->resources, damage->set_aside.string()));
        auto unfinished = records->unfinished();
        if (!unfinished)
            return give_up(unfinished.error());
        std::map<std::string, leftovers> all;
        for (auto& item : *unfinished) {
            auto& entry = all[item.environment_id];
            add(entry, std::move(item));
        }
        auto begun = records->receipts();
        if (!begun)
            return give_up(begun.error());
        for (const auto& entry : *begun)
            if (auto found = all.find(entry.id); found != all.end())
                found->second.reason = entry.end->cause;
        for (const auto& [id, left] : all)
            finish_environment(*records, id, left);
        auto ended = records->receipts();
        if (!ended)
            return give_up(ended.error());
        if (auto kept = archive_.add(*ended); !kept) {
            log_.warn(kept.error().message);
            return false;
        }
        auto disposable = records->disposable();
        if (disposable && !*disposable)
            (void)records->forget_ends(); // else the next start would have them archived twice
        return disposable && *disposable;
    }

    void finish_environment(journal& records, const std::string& id, const leftovers& left) {
        fault_point("recovery: is about to finish an environment");
        auto order = undo_order::of(left.resources);
        if (!order.not_understood.empty()) {
            auto receipt = receipt_for(id, left.name, left.reason);
            receipt.residue = std::move(order.not_understood);
            return note(std::move(receipt));
        }
        auto receipt = finish(host_, id, left.name, order.by_launcher, left.reason);
        fault_point("recovery: has finished an environment");
        if (receipt.clean()) {
            if (auto crossed_out = records.done(intents_of(left)); !crossed_out)
                receipt.residue.push_back({"journal", id, crossed_out.error().message});
            else
                (void)records.environment_ended(id, receipt.reason, to_json_value(receipt));
        }
        note(std::move(receipt));
    }

    void finish_storage(const orphaned_folder& left) {
        auto id = name_of(left.path);
        fault_point("recovery: has found an orphaned folder");
        // What its processes are held together by stands in the journal that is not there.
        protocol::undo order;
        order.environment_id = id;
        order.folders = {left.path};
        order.owner_marker = left.owner;
        order.keepers.emplace_back(); // one that was stopped is known by its environment alone
        auto receipt = finish_with(id, std::move(order), group_names_of(id), places_.group_parents);
        if (receipt.clean()) {
            environment_entry entry;
            entry.id = id;
            entry.info = nlohmann::json::object();
            entry.end = {receipt.finished_at, time_since_boot(), boot_id(), receipt.reason,
                         to_json_value(receipt)};
            if (auto kept = archive_.add(std::span{&entry, 1}); !kept)
                log_.warn(kept.error().message);
        }
        note(std::move(receipt));
    }

    void note(teardown_receipt receipt) {
        if (receipt.clean()) {
            log_.say(fmt::format("removed what environment {} of a crashed runtime had left",
                                 receipt.environment_id));
        } else {
            const auto& first = receipt.residue.front();
            log_.warn(fmt::format("what {} of a crashed runtime has left cannot be removed: {} {}: {}",
                                  receipt.environment_id, first.kind, first.name, first.why));
        }
        receipts_.push_back(std::move(receipt));
    }

    machine& host_;
    const recovery_places& places_;
    ended_archive archive_;
    const recovery_log& log_;
    std::set<std::string> tried_;
    std::optional<environments_not_understood> not_understood_;
    std::vector<teardown_receipt> receipts_;
};

} // namespace

bool may_have_orphans(const recovery_places& places, const std::filesystem::path& own) {
    // What cannot be looked at is for the recovery to tell of.
    auto has_any = [](const std::string& path, auto counts) {
        descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!folder)
            return errno != ENOENT;
        auto names = names_in(folder, path);
        return !names || std::any_of(names->begin(), names->end(), counts);
    };
    auto is_anothers = [&own](const std::string& name) {
        return is_identifier(name) && name != own.filename();
    };
    auto is_any = [](const std::string&) { return true; };
    auto is_group = [](const std::string& name) { return name.starts_with("gestvenv-"); };
    return has_any(places.state_root.string(), is_anothers) ||
           std::any_of(places.storage_roots.begin(), places.storage_roots.end(),
                       [&](const auto& root) { return has_any(root, is_any); }) ||
           std::any_of(places.group_parents.begin(), places.group_parents.end(),
                       [&](const auto& parent) { return has_any(parent, is_group); });
}

std::vector<teardown_receipt> recover_orphans(machine& host, const recovery_places& places,
                                              const recovery_log& log) {
    return recovery{host, places, log}.run();
}

} // namespace gestvenv
