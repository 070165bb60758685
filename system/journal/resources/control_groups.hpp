// SPDX-License-Identifier: MIT
#pragma once

#include "system/journal/undo_order.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::resources {

/// The cgroups of an environment, one in each hierarchy that it is limited in.
struct control_groups {
    static constexpr std::string_view kind = "cgroup";

    /// Their folders.
    std::vector<std::string> paths;
    int launcher = 0;

    void add_to(undo_order& order) const;
    bool gone_with_its_program(bool same_boot) const;
    std::vector<std::string> listed() const;
};

template <class Inspector>
bool inspect(Inspector& f, control_groups& x) {
    return f.object(x).fields(f.field("paths", x.paths), f.field("launcher", x.launcher));
}

} // namespace gestvenv::resources
