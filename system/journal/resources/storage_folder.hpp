// SPDX-License-Identifier: MIT
#pragma once

#include "system/journal/undo_order.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::resources {

/// The storage of an environment as a folder, on disk or in an existing tmpfs.
struct storage_folder {
    static constexpr std::string_view kind = "storage_folder";

    std::string environment_name;
    std::string path;
    /// What its marker says (system/storage/owner_marker.hpp).
    std::string owner;
    int launcher = 0;

    void add_to(undo_order& order) const;
    bool gone_with_its_program(bool same_boot) const;
    std::vector<std::string> listed() const;
};

template <class Inspector>
bool inspect(Inspector& f, storage_folder& x) {
    return f.object(x).fields(f.field("name", x.environment_name), f.field("path", x.path),
                              f.field("owner", x.owner), f.field("launcher", x.launcher));
}

} // namespace gestvenv::resources
