// SPDX-License-Identifier: MIT
// What it costs to watch a node.
#include "net/http/server.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measured_node.hpp"
#include "tools/bench/rows/measures.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace gestvenv::bench {

namespace {

constexpr int many = 1000;
/// Until the monitor has measured all of them.
constexpr std::chrono::seconds until_measured{4};

/// A collector that takes everything.
class any_collector final : public http::handler {
public:
    bool admits(const http::peer& /*from*/) override { return true; }
    std::variant<http::body_rule, http::response> begins(const http::request& /*head*/) override {
        return http::body_rule{std::uint64_t{16} << 20, false};
    }
    void handle(std::shared_ptr<http::exchange> what) override {
        http::response whole;
        whole.headers.add("Content-Type", "application/json");
        whole.body = "{}";
        what->answer(std::move(whole));
    }
    http::response refusal(int status, std::string_view /*what*/) override {
        http::response whole;
        whole.status = status;
        return whole;
    }
};

/// Sets a variable for nodes that are started meanwhile.
class set_for_nodes {
public:
    set_for_nodes(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    set_for_nodes(const set_for_nodes&) = delete;
    set_for_nodes& operator=(const set_for_nodes&) = delete;
    ~set_for_nodes() { ::unsetenv(name_); }

private:
    const char* name_;
};

} // namespace

void measure_scrape(const context& shared, int runs, row_result& result) {
    measured_node node{shared, std::string{wide_limits} + "monitoring_interval = 1\n"};
    auto client = node.connect();
    for (int i = 0; i < many; ++i)
        create(client, shared);
    std::this_thread::sleep_for(until_measured);
    std::size_t series = 0;
    const auto scrape = [&] {
        const auto text = ask(client, "GET", "/metrics").body;
        series = 0;
        for (auto at = text.find("env_id="); at != std::string::npos; at = text.find("env_id=", at + 1))
            ++series;
    };
    result.contestants = in_turn(
        {{.name = "GET /metrics", .ours = true, .target = "p50 at most 20 ms", .measured = scrape}}, runs);
    if (series < std::size_t{many} * 8)
        throw std::runtime_error{fmt::format("only {} series of environments were told", series)};
    result.notes.push_back(fmt::format("{} series of {} environments", series, many));
}

void measure_observed_creation(const context& shared, int runs, row_result& result) {
    any_collector takes;
    http::server collector{takes, http::limits{}};
    auto address = collector.listen_tcp("127.0.0.1:0", nullptr);
    if (!address)
        throw std::runtime_error{address.error().message};
    collector.start();
    measured_node plain{shared, wide_limits, {"--log-level", "error"}};
    const auto observed = [&] {
        const set_for_nodes endpoint{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://" + *address};
        return std::make_unique<measured_node>(
            shared, wide_limits, std::vector<std::string>{"--log-level", "info", "--log-format", "json"});
    }();
    auto of_plain = plain.connect();
    auto of_observed = observed->connect();
    std::string id;
    result.contestants = in_turn({{.name = "with log and traces",
                                   .ours = true,
                                   .target = "at most 1.05x",
                                   .measured = [&] { id = create(of_observed, shared); },
                                   .clear = [&] { destroy(of_observed, id); }},
                                  {.name = "without",
                                   .measured = [&] { id = create(of_plain, shared); },
                                   .clear = [&] { destroy(of_plain, id); }}},
                                 runs);
    const auto& with = result.contestants[0].times;
    const auto& without = result.contestants[1].times;
    result.notes.push_back(
        fmt::format("with log and traces a creation takes {:.3f} times as long (p50)  target: at most 1.05",
                    static_cast<double>(with.p50.count()) / static_cast<double>(without.p50.count())));
}

} // namespace gestvenv::bench
