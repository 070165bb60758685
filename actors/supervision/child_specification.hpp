// SPDX-License-Identifier: MIT
// The words of supervision, which are those of Erlang/OTP (supervisor(3)).
#pragma once

#include "actors/supervision/restart_backoff.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// Whether a child that has ended is started again.
enum class restart_policy : std::uint8_t {
    permanent, ///< always
    transient, ///< when it ended abnormally
    temporary, ///< never
};

/// Who else is started again with it.
enum class restart_strategy : std::uint8_t {
    one_for_one,  ///< no other child
    one_for_all,  ///< all children
    rest_for_one, ///< those that were started after it
};

/// How a child ended.
enum class child_end : std::uint8_t {
    normal,
    abnormal,
    misconfigured, ///< with an error that another start would only repeat: it is not started again
};

struct child_specification {
    /// Unique below its supervisor.
    std::string name;
    restart_policy restart = restart_policy::permanent;
    /// How long it may take to stop; then it is given up and named.
    std::chrono::milliseconds shutdown{5000};
    backoff_settings backoff{};
};

struct supervision_settings {
    restart_strategy strategy = restart_strategy::one_for_one;
    /// More restarts than this within `period` and the supervisor gives up: it stops its children in order
    /// and says so to its own supervisor.
    std::size_t intensity = 5;
    std::chrono::milliseconds period{60'000};
};

constexpr std::string_view to_string(restart_policy value) noexcept {
    switch (value) {
    case restart_policy::permanent:
        return "permanent";
    case restart_policy::transient:
        return "transient";
    case restart_policy::temporary:
        return "temporary";
    }
    return {};
}

constexpr std::string_view to_string(restart_strategy value) noexcept {
    switch (value) {
    case restart_strategy::one_for_one:
        return "one_for_one";
    case restart_strategy::one_for_all:
        return "one_for_all";
    case restart_strategy::rest_for_one:
        return "rest_for_one";
    }
    return {};
}

} // namespace gestvenv
