// SPDX-License-Identifier: MIT
#include "system/journal/resource_record.hpp"

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(resource_kind value) noexcept {
    switch (value) { // no default: a missing kind is a compiler warning
    case resource_kind::storage_folder:
        return "storage_folder";
    case resource_kind::detached_storage:
        return "detached_storage";
    case resource_kind::cgroup:
        return "cgroup";
    case resource_kind::keeper:
        return "keeper";
    case resource_kind::container:
        return "container";
    case resource_kind::gpu_session:
        return "gpu_session";
    }
    return {};
}

} // namespace

std::string_view to_string(resource_kind value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, resource_kind& value) noexcept {
    return find_spelling(text, value, [](resource_kind candidate) { return spelling(candidate); });
}

} // namespace gestvenv
