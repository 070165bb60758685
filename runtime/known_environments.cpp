// SPDX-License-Identifier: MIT
#include <gestvenv/known_environments.hpp>

#include "messages/json.hpp"
#include "system/journal/ended_archive.hpp"
#include "system/journal/journal_contents.hpp"
#include "system/journal/resource_kinds.hpp"
#include "system/journal/state_folder.hpp"
#include "system/python/search_context.hpp"

#include <gestvenv/exceptions.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace gestvenv {

namespace {

void describe(known_environment& environment, const environment_entry& entry) {
    environment.id = entry.id;
    if (auto info = from_json_value<environment_info>(entry.info); info && !info->id.empty()) {
        environment.name = info->name;
        environment.info = std::move(*info);
    }
    if (!entry.end)
        return;
    environment.state = known_state::ended;
    if (auto receipt = from_json_value<teardown_receipt>(entry.end->receipt)) {
        if (environment.name.empty())
            environment.name = receipt->environment_name;
        environment.receipt = std::move(*receipt);
    }
}

class search {
public:
    explicit search(std::filesystem::path root) : root_(std::move(root)) {}

    known_environments run() {
        auto folders = all_state_folders(root_);
        if (!folders)
            throw_as_exception(folders.error());
        for (const auto& entry : ended_archive{root_}.read())
            describe(all_[entry.id], entry);
        for (const auto& folder : *folders)
            look_into(folder);
        for (auto& [id, environment] : all_)
            found_.environments.push_back(std::move(environment));
        std::stable_sort(found_.environments.begin(), found_.environments.end(),
                         [](const known_environment& a, const known_environment& b) {
                             return std::pair{a.state, when(a)} < std::pair{b.state, when(b)};
                         });
        return std::move(found_);
    }

private:
    static std::chrono::system_clock::time_point when(const known_environment& environment) {
        if (environment.receipt)
            return environment.receipt->finished_at;
        return environment.info ? environment.info->created_at : std::chrono::system_clock::time_point{};
    }

    void look_into(const std::filesystem::path& folder) {
        // First: an owner that dies in between has left what is read afterwards.
        bool alive = state_folder::is_held(folder);
        auto contents = read_journal(folder);
        if (!contents) {
            // One that is just being made or removed has nothing to tell.
            std::error_code gone;
            if (std::filesystem::exists(folder / "journal.db", gone))
                found_.problems.push_back(contents.error().message);
            return;
        }
        std::map<std::string, known_environment> here;
        for (const auto& entry : contents->environments)
            describe(here[entry.id], entry);
        for (const auto& item : contents->unfinished) {
            if (item.environment_id.empty())
                continue;
            auto& environment = here[item.environment_id];
            environment.id = item.environment_id;
            auto resource = read_resource(item.kind, item.detail);
            if (environment.name.empty() && resource)
                environment.name = environment_name_of(*resource);
            for (auto& line : listed(item))
                environment.holds.push_back(std::move(line));
        }
        for (auto& [id, environment] : here) {
            if (!environment.holds.empty()) // whatever its receipt says: that names what could not be removed
                environment.state = known_state::living;
            if (environment.state == known_state::living && !alive)
                environment.state = known_state::left;
            all_[id] = std::move(environment);
        }
    }

    std::filesystem::path root_;
    std::map<std::string, known_environment> all_;
    known_environments found_;
};

} // namespace

std::string_view to_string(known_state value) noexcept {
    switch (value) {
    case known_state::living:
        return "living";
    case known_state::left:
        return "left";
    case known_state::ended:
        return "ended";
    }
    return {};
}

known_environments find_known_environments(const std::filesystem::path& state_root) {
    return search{state_root.empty() ? default_state_root(python::search_context_from_process().writable_home)
                                     : state_root}
        .run();
}

} // namespace gestvenv
