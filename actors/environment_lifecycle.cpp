// SPDX-License-Identifier: MIT
#include "actors/environment_lifecycle.hpp"

#include <array>
#include <string>
#include <utility>

namespace gestvenv {

namespace {

using enum environment_status;

constexpr std::array legal{
    std::pair{pending, creating},     std::pair{creating, ready},       std::pair{ready, running},
    std::pair{running, ready},        std::pair{pending, failed},       std::pair{creating, failed},
    std::pair{ready, failed},         std::pair{running, failed},       std::pair{pending, cleaning_up},
    std::pair{creating, cleaning_up}, std::pair{ready, cleaning_up},    std::pair{running, cleaning_up},
    std::pair{failed, cleaning_up},   std::pair{cleaning_up, destroyed}};

} // namespace

bool is_legal(environment_status from, environment_status to) noexcept {
    for (const auto& [before, after] : legal)
        if (before == from && after == to)
            return true;
    return false;
}

outcome<void> environment_lifecycle::go(environment_status to) {
    if (!is_legal(now_, to))
        return failure(error_code::illegal_transition, "an environment that is " +
                                                           std::string{to_string(now_)} + " cannot become " +
                                                           std::string{to_string(to)});
    now_ = to;
    return {};
}

} // namespace gestvenv
