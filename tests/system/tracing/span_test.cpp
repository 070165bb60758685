// SPDX-License-Identifier: MIT
#include "system/tracing/span.hpp"

#include "system/tracing/common_origin.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace gestvenv;

namespace {

class kept_spans final : public span_receiver {
public:
    void ended(const span_record& what) override { all.push_back(what); }
    std::vector<span_record> all;
};

/// Receives while it lives.
struct receiving {
    receiving() { set_span_receiver(spans); }
    receiving(const receiving&) = delete;
    receiving& operator=(const receiving&) = delete;
    ~receiving() { set_span_receiver(nullptr); }

    std::shared_ptr<kept_spans> spans = std::make_shared<kept_spans>();
};

} // namespace

TEST_CASE("without a receiver a span is empty and nothing is noted") {
    auto whole = span::begin("create", {});
    CHECK_FALSE(whole);
    CHECK_FALSE(whole.origin());
    whole.set("key", "value");
    whole.end();
    note_origin(creation_of("e"), request_origin{new_trace(), {}});
    const receiving on;
    CHECK_FALSE(take_origin(creation_of("e")));
}

TEST_CASE("a step is below its operation, in the same trace and environment") {
    const receiving on;
    auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    REQUIRE(context);
    {
        auto whole = span::begin("create", request_origin{*context, "operation"});
        whole.set_environment("id", "name");
        auto step = whole.step("storage");
        step.set("kind", "tmpfs");
    }
    REQUIRE(on.spans->all.size() == 2);
    const auto& step = on.spans->all[0];
    const auto& whole = on.spans->all[1];
    CHECK(whole.name == "create");
    CHECK(whole.context.trace == context->trace);
    CHECK(whole.parent == context->span);
    CHECK(step.parent == whole.context.span);
    CHECK(step.context.trace == context->trace);
    CHECK(step.environment_name == "name");
    CHECK(step.operation == "operation");
    CHECK_FALSE(step.problem);
}

TEST_CASE("a span ends once, with its first problem") {
    const receiving on;
    {
        auto whole = span::begin("execute", {});
        auto copy = whole; // NOLINT(performance-unnecessary-copy-initialization): the copy is what is tested
        copy.fail({error_code::command_not_found, "there is no such program", {}, {}});
        whole.end();
    }
    REQUIRE(on.spans->all.size() == 1);
    CHECK(on.spans->all.front().problem->code == error_code::command_not_found);
}

TEST_CASE("word of an origin is taken once, by its key") {
    const receiving on;
    const request_origin origin{new_trace(), "operation"};
    note_origin(package_job_of("e", 2), origin);
    CHECK_FALSE(take_origin(package_job_of("e", 1)));
    auto taken = take_origin(package_job_of("e", 2));
    REQUIRE(taken);
    CHECK(taken->context == origin.context);
    CHECK_FALSE(take_origin(package_job_of("e", 2)));
}

TEST_CASE("the oldest origin goes when too many wait") {
    const receiving on;
    note_origin(creation_of("first"), request_origin{new_trace(), {}});
    for (int number = 0; number < 10'000; ++number)
        note_origin(request_of(static_cast<std::uint64_t>(number)), request_origin{new_trace(), {}});
    CHECK_FALSE(take_origin(creation_of("first")));
    CHECK(take_origin(request_of(9'999)));
}

TEST_CASE("where no origin was left, a program that does all for one operation does it for that") {
    const receiving on;
    const request_origin whole{new_trace(), "whole"};
    set_common_origin(whole);
    note_origin(creation_of("e"), request_origin{new_trace(), "asked"});
    const auto asked = take_origin(creation_of("e"));
    const auto other = take_origin(creation_of("e"));
    set_common_origin(std::nullopt);
    const auto none = take_origin(creation_of("e"));
    REQUIRE(asked);
    CHECK(asked->operation == "asked");
    REQUIRE(other);
    CHECK(other->operation == "whole");
    CHECK_FALSE(none);
}
