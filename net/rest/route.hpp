// SPDX-License-Identifier: MIT
// The interface as data: each route says what it takes, what it answers and who may ask. The dispatcher, the OpenAPI
// document and the tests go by this. A new route is its line in the table of its page.
#pragma once

#include "net/http/limits.hpp"
#include "net/rest/principal.hpp"
#include "net/rest/schema.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace gestvenv::rest {

struct call;

/// A parameter in the query; the text is checked by its schema's kind before the route sees it.
struct query_parameter {
    std::string_view name;
    enum class kind : std::uint8_t { text, flag, number } takes = kind::text;
    std::string_view description;
    /// Of a number.
    std::int64_t least = 0;
    std::int64_t most = 0;
    /// Of a text that the route checks itself, for the document (ECMA-262); empty: any text.
    std::string_view pattern = {};
};

/// An answer beside the usual problems. Several of one status are the same answer in several media types.
struct route_answer {
    int status = 200;
    std::string_view description;
    /// Null: no body, or one that is no JSON.
    schema_of_type schema = nullptr;
    std::string_view media_type = "application/json";
};

struct route {
    std::string_view method;
    /// Below the root, as `/api/v1/ephemeral/environments/{env}`. A part in braces stands for any one part.
    std::string_view path;
    /// Unique; for generated clients.
    std::string_view operation_id;
    /// A sentence.
    std::string_view summary;
    right needs = right::read;
    std::span<const query_parameter> query = {};
    /// Null: no body is taken.
    schema_of_type body = nullptr;
    /// Of a body that is no JSON; its schema is null then.
    std::string_view body_media_type = {};
    bool body_is_optional = false;
    http::body_rule body_bounds{4 << 20, false};
    std::span<const route_answer> answers = {};
    /// Whether `Idempotency-Key` is honoured.
    bool idempotent_by_key = false;
    /// Runs on the server's thread; must not block.
    void (*handle)(call what) = nullptr;
};

} // namespace gestvenv::rest
