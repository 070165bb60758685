// SPDX-License-Identifier: MIT
#include "messages/caf/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace gestvenv {

caf::error to_caf_error(const error& value) {
    return caf::error{value.code, caf::make_message(value)};
}

error from_caf_error(const caf::error& value) {
    if (value.category() == caf::type_id_v<error_code> && value.context().match_elements<error>())
        return value.context().get_as<error>(0);
    if (value == caf::sec::request_timeout)
        return {error_code::deadline_exceeded, "a part of the runtime did not answer in time", {}, {}};
    if (value == caf::sec::request_receiver_down)
        return {error_code::actor_crashed,
                "a part of the runtime is not there: it has ended, or could not be started",
                {},
                {}};
    if (value == caf::exit_reason::user_shutdown)
        return {error_code::shutting_down, "the runtime is shutting down", {}, {}};
    return {error_code::actor_crashed,
            "a part of the runtime ended unexpectedly (" + to_string(value) + ")",
            {},
            {}};
}

} // namespace gestvenv
