// SPDX-License-Identifier: MIT
#include "system/tracing/common_origin.hpp"

#include <mutex>
#include <utility>

namespace gestvenv {

namespace {

struct origin_place {
    std::mutex mutex;
    std::optional<request_origin> origin;
};

// Never destroyed: threads of a host may outlive the static objects.
origin_place& place() {
    static auto* all = new origin_place; // NOLINT(cppcoreguidelines-owning-memory)
    return *all;
}

} // namespace

void set_common_origin(std::optional<request_origin> origin) {
    std::scoped_lock lock{place().mutex};
    place().origin = std::move(origin);
}

std::optional<request_origin> common_origin() {
    if (!spans_are_received())
        return {};
    std::scoped_lock lock{place().mutex};
    return place().origin;
}

} // namespace gestvenv
