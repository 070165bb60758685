// SPDX-License-Identifier: MIT
// Traces of a host program: its runtime is in this process, and a collector answers it.
#include <gestvenv/trace_export.hpp>

#include "tests/net/http_fixture.hpp"
#include "tests/runtime/host.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

constexpr const char* trace = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* parent = "b7ad6b7169203331";

/// Takes what is sent to it, or answers with the status that a test wants.
class collector {
public:
    explicit collector(int status = 200) {
        server_.handles.handle_ = [this, status](std::shared_ptr<http::exchange> what) {
            auto document = nlohmann::json::parse(what->asked().body);
            std::scoped_lock lock{mutex_};
            if (status == 200)
                for (auto& span : document["resourceSpans"][0]["scopeSpans"][0]["spans"])
                    spans_.push_back(std::move(span));
            http::response answer;
            answer.status = status;
            answer.body = "{}";
            what->answer(std::move(answer));
        };
        server_.start();
    }

    /// A configuration file that names it.
    std::filesystem::path configuration() {
        auto file = folder_.path() / "config.toml";
        std::ofstream{file} << fmt::format("[traces]\nendpoint = \"http://127.0.0.1:{}\"\n", server_.port());
        std::filesystem::permissions(file, std::filesystem::perms{0600});
        return file;
    }
    std::vector<nlohmann::json> spans() {
        std::scoped_lock lock{mutex_};
        return spans_;
    }

private:
    temporary_folder folder_;
    std::mutex mutex_;
    std::vector<nlohmann::json> spans_;
    running_server server_;
};

void make_and_end(const temporary_folder& folder) {
    runtime host{options_in(folder)};
    auto made = host.create({.name = "traced"});
    made.execute("true");
    made.destroy();
}

/// Of the spans without one above them in `spans`, by name.
std::map<std::string, nlohmann::json> operations_in(const std::vector<nlohmann::json>& spans) {
    std::map<std::string, nlohmann::json> found;
    for (const auto& one : spans)
        for (const char* name : {"create", "execute", "destroy"})
            if (one["name"] == name)
                found[name] = one;
    return found;
}

} // namespace

TEST_CASE("a host program's operations are sent below the span that it names") {
    collector receives;
    temporary_folder folder;
    trace_export traces{{receives.configuration(), fmt::format("00-{}-{}-01", trace, parent)}};
    REQUIRE(traces.is_configured());
    make_and_end(folder);
    traces.end(patience);
    const auto operations = operations_in(receives.spans());
    REQUIRE(operations.size() == 3);
    for (const auto& [name, span] : operations) {
        CAPTURE(name);
        CHECK(span["traceId"] == trace);
        CHECK(span["parentSpanId"] == parent);
    }
}

TEST_CASE("without a span above them, each operation of a host program begins a trace") {
    collector receives;
    temporary_folder folder;
    trace_export traces{{receives.configuration(), "no traceparent"}};
    make_and_end(folder);
    traces.end(patience);
    const auto operations = operations_in(receives.spans());
    REQUIRE(operations.size() == 3);
    const auto& made = operations.at("create");
    const auto& gone = operations.at("destroy");
    CHECK_FALSE(made.contains("parentSpanId"));
    CHECK(gone["traceId"] != made["traceId"]);
    CHECK(gone["links"][0]["spanId"] == made["spanId"]);
}

TEST_CASE("a host program is told how many spans a collector has not taken, and why") {
    collector refuses{400};
    temporary_folder folder;
    trace_export traces{{refuses.configuration(), {}}};
    make_and_end(folder);
    try {
        traces.end(patience);
        FAIL("nothing is told");
    } catch (const ephemeral_exception& problem) {
        CHECK(problem.details().message.find("spans could not be sent to http://127.0.0.1:") !=
              std::string::npos);
        CHECK(problem.details().message.find("it answers with status 400") != std::string::npos);
    }
    // After the end nothing is sent any more, and nothing fails.
    traces.end(patience);
    make_and_end(folder);
}

TEST_CASE("without a collector a host program sends nothing, and a wrong one is an error") {
    temporary_folder folder;
    const auto file = folder.path() / "config.toml";
    const auto write = [&](const char* text) {
        std::ofstream{file} << text;
        std::filesystem::permissions(file, std::filesystem::perms{0600});
    };
    write("");
    trace_export none{{file, {}}};
    CHECK_FALSE(none.is_configured());
    none.end();
    write("[traces]\nendpoint = \"ftp://collector\"\n");
    CHECK_THROWS_AS((trace_export{{file, {}}}), invalid_argument_exception);
}
