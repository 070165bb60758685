// SPDX-License-Identifier: MIT
#include "system/launcher/usage_sampling.hpp"

#include "messages/wire.hpp"
#include "system/storage/tree_size.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

// How long others may have to wait for one step.
constexpr std::chrono::microseconds step_time{500};

} // namespace

bool usage_sampling::add(std::uint64_t request, protocol::sample body) {
    if (waiting_.size() >= most_waiting)
        return false;
    sampling item;
    item.request = request;
    item.wanted = std::move(body);
    waiting_.push_back(std::move(item));
    return true;
}

void usage_sampling::advance(const table& environments, const answer& done) {
    if (measuring_) {
        if (!measuring_->read())
            return;
        note_sizes(environments);
        measuring_.reset();
    }
    if (waiting_.empty())
        return;
    auto& item = waiting_.front();
    if (!std::exchange(item.measured, true)) {
        begin_measuring(item, environments);
        if (measuring_)
            return;
    }
    const auto& ids = item.wanted.environment_ids;
    const auto until = std::chrono::steady_clock::now() + step_time;
    for (; item.next < ids.size() && std::chrono::steady_clock::now() < until; ++item.next) {
        auto found = environments.find(ids[item.next]);
        if (found == environments.end() || found->second->ending())
            continue; // the others are what was asked for
        if (found->second->needs_snapshot() && !item.processes)
            item.processes.emplace();
        item.result.readings.push_back(
            found->second->read_usage(item.processes ? &*item.processes : nullptr));
    }
    if (item.next < ids.size())
        return;
    done(item.request, std::move(item.result));
    waiting_.pop_front();
}

void usage_sampling::begin_measuring(sampling& item, const table& environments) {
    std::vector<environment_record*> folders;
    for (const auto& id : item.wanted.environment_ids)
        if (auto found = environments.find(id);
            found != environments.end() && !found->second->ending() && found->second->storage().is_folder())
            folders.push_back(found->second.get());
    if (folders.empty())
        return;
    std::sort(folders.begin(), folders.end(), [](const environment_record* a, const environment_record* b) {
        return a->measured_in() < b->measured_in();
    });
    std::vector<int> kept;
    kept.reserve(folders.size());
    for (const auto* record : folders)
        kept.push_back(record->storage().folder.get());
    auto work = [&folders] {
        protocol::folder_sizes sizes;
        auto left = most_entries;
        for (const auto* record : folders) {
            if (left <= 0)
                break;
            auto size = measure_tree(record->storage().folder, left);
            left -= size.entries;
            sizes.bytes.emplace(record->id(), size.bytes);
        }
        return wire::to_bytes(sizes);
    };
    // Without a child the sizes stay as they were last known.
    if (auto started = helper_process::start_any(work, kept))
        measuring_ = std::move(*started);
}

void usage_sampling::note_sizes(const table& environments) {
    ++turn_;
    auto sizes = wire::from_bytes<protocol::folder_sizes>(measuring_->bytes());
    if (!sizes)
        return; // it died: the sizes stay as they were last known
    for (const auto& [id, bytes] : sizes->bytes)
        if (auto found = environments.find(id); found != environments.end())
            found->second->note_size(bytes, turn_);
}

} // namespace gestvenv
