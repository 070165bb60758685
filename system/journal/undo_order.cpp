// SPDX-License-Identifier: MIT
#include "system/journal/undo_order.hpp"

#include "system/journal/boot.hpp"
#include "system/journal/resource_kinds.hpp"

#include <variant>

namespace gestvenv {

undo_order undo_order::of(std::span<const unfinished_resource> resources) {
    undo_order order;
    for (const auto& item : resources) {
        auto resource = read_resource(item.kind, item.detail);
        if (!resource) {
            order.not_understood.push_back({item.kind, item.environment_id, resource.error().message});
            continue;
        }
        order.by_launcher.environment_id = item.environment_id;
        const bool same_boot = item.boot_id == boot_id();
        std::visit(
            [&](const auto& known) {
                if (!known.gone_with_its_program(same_boot))
                    known.add_to(order);
            },
            *resource);
    }
    return order;
}

} // namespace gestvenv
