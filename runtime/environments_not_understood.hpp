// SPDX-License-Identifier: MIT
// Environments that a newer version of the program has left: a journal names something of theirs whose kind
// this version does not know. What a search without journals finds of them must stay as well.
#pragma once

#include "system/storage/orphaned_folders.hpp"

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace gestvenv {

class environments_not_understood {
public:
    /// Those in the journals of all state folders below `state_root`, held or not. A journal that
    /// cannot be read names none.
    static environments_not_understood find(const std::filesystem::path& state_root);

    /// Whether the folder is the storage of one: by its name, and by the journal of the owner that its marker
    /// names, which may lie elsewhere.
    bool has_folder(const orphaned_folder& folder) const;
    /// Whether a group of this name is one's.
    bool has_group(std::string_view name) const;

private:
    std::set<std::string> ids_;
    std::set<std::string, std::less<>> group_names_;
};

} // namespace gestvenv
