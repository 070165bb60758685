// SPDX-License-Identifier: MIT
// What a node answers in place of a result (RFC 9457), as the error that it was.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/message.hpp"

#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <optional>

namespace gestvenv {

struct problem_document {
    error what;
    /// Of a teardown that left something.
    std::optional<teardown_receipt> receipt;
    /// Of a command that was ended for its timeout.
    std::optional<operation_result> result;
};

/// Of an answer with a status of 400 or more. One that is no problem document, from a proxy perhaps, is
/// `node_unreachable` with its status.
problem_document problem_in(const http::response& answer);

} // namespace gestvenv
