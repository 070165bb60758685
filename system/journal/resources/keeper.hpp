// SPDX-License-Identifier: MIT
#pragma once

#include "system/journal/undo_order.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::resources {

/// The process that all commands of an environment are children of.
struct keeper {
    static constexpr std::string_view kind = "keeper";

    /// Unset until it has been started, see protocol::noted_process.
    std::optional<std::int64_t> pid;
    std::optional<std::uint64_t> start_time;
    int launcher = 0;

    void add_to(undo_order& order) const;
    bool gone_with_its_program(bool same_boot) const;
    std::vector<std::string> listed() const;
};

template <class Inspector>
bool inspect(Inspector& f, keeper& x) {
    return f.object(x).fields(f.field("pid", x.pid), f.field("start_time", x.start_time),
                              f.field("launcher", x.launcher));
}

} // namespace gestvenv::resources
