// SPDX-License-Identifier: MIT
#include "runtime/environments_not_understood.hpp"

#include "system/journal/journal_contents.hpp"
#include "system/journal/resource_kinds.hpp"
#include "system/journal/state_folder.hpp"
#include "system/limits/orphaned_groups.hpp"

#include <utility>

namespace gestvenv {

namespace {

std::set<std::string> not_understood_in(const std::filesystem::path& state_folder) {
    std::set<std::string> ids;
    if (!state_folder.is_absolute()) // a marker of another program's
        return ids;
    auto contents = read_journal(state_folder);
    if (!contents)
        return ids;
    for (const auto& item : contents->unfinished)
        if (!read_resource(item.kind, item.detail))
            ids.insert(item.environment_id);
    return ids;
}

} // namespace

environments_not_understood environments_not_understood::find(const std::filesystem::path& state_root) {
    environments_not_understood found;
    auto folders = all_state_folders(state_root);
    if (!folders)
        return found;
    for (const auto& folder : *folders)
        found.ids_.merge(not_understood_in(folder));
    for (const auto& id : found.ids_)
        for (auto& name : group_names_of(id))
            found.group_names_.insert(std::move(name));
    return found;
}

bool environments_not_understood::has_folder(const orphaned_folder& folder) const {
    const auto id = folder.path.substr(folder.path.rfind('/') + 1);
    return ids_.contains(id) || not_understood_in(folder.owner).contains(id);
}

bool environments_not_understood::has_group(std::string_view name) const {
    return group_names_.contains(name);
}

} // namespace gestvenv
