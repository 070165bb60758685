// SPDX-License-Identifier: MIT
#pragma once

#include "system/journal/undo_order.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::resources {

/// The storage of an environment as a mount that only descriptors hold.
struct detached_storage {
    static constexpr std::string_view kind = "detached_storage";

    std::string environment_name;
    int launcher = 0;

    void add_to(undo_order& order) const;
    bool gone_with_its_program(bool same_boot) const;
    std::vector<std::string> listed() const;
};

template <class Inspector>
bool inspect(Inspector& f, detached_storage& x) {
    return f.object(x).fields(f.field("name", x.environment_name), f.field("launcher", x.launcher));
}

} // namespace gestvenv::resources
