// SPDX-License-Identifier: MIT
// Our errors as CAF's, and back.
#pragma once

#include "messages/caf/type_ids.hpp"
#include "messages/outcome.hpp"

#include <caf/error.hpp>

namespace gestvenv {

/// Carries the whole of `value` as context.
caf::error to_caf_error(const error& value);

/// The error we sent; for one of CAF's own (a timeout, an actor that died) the code that says so.
error from_caf_error(const caf::error& value);

} // namespace gestvenv
