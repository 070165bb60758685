// SPDX-License-Identifier: MIT
#include "system/tracing/trace_context.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv;

TEST_CASE("a traceparent reads back as it was written") {
    const std::string text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    auto context = parse_traceparent(text);
    REQUIRE(context);
    CHECK(context->sampled);
    CHECK(hexadecimal(context->trace) == "0af7651916cd43dd8448eb211c80319c");
    CHECK(to_traceparent(*context) == text);
    auto unsampled = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    REQUIRE(unsampled);
    CHECK_FALSE(unsampled->sampled);
    // A later version may say more.
    CHECK(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST_CASE("a traceparent that is none is taken for none") {
    for (const auto* text : {
             "",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
             "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
             "00-00000000000000000000000000000000-b7ad6b7169203331-01",
             "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
             "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
             "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
             "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
             "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
         })
        CHECK_FALSE(parse_traceparent(text));
}

TEST_CASE("new traces and spans have ids of their own") {
    CHECK(new_trace().trace != new_trace().trace);
    CHECK(new_span_id() != new_span_id());
    CHECK(new_trace().span == span_id{});
}
