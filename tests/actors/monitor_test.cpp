// SPDX-License-Identifier: MIT
#include "tests/actors/runtime_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

constexpr std::int64_t megabyte = 1 << 20;

std::ptrdiff_t samplings(const runtime_fixture& f) {
    return std::count_if(f.machine.log.begin(), f.machine.log.end(),
                         [](const std::string& entry) { return entry.starts_with("sample"); });
}

std::vector<usage_sample> history(runtime_fixture& f, const std::string& id) {
    return *f.ask<std::vector<usage_sample>>(history_atom_v, id, std::uint64_t{1000});
}

std::vector<runtime_event> alerts(runtime_fixture& f) {
    auto all = f.shared->events->last(1000);
    std::erase_if(all, [](const runtime_event& event) {
        return event.kind != event_kind::alert_raised && event.kind != event_kind::alert_cleared;
    });
    return all;
}

environment_spec limited() {
    environment_spec spec;
    spec.name = "limited";
    spec.resource_limits.max_memory = 70;
    spec.resource_limits.max_disk = 30;
    return spec;
}

} // namespace

TEST_CASE("one tick measures all environments, at the configured interval") {
    runtime_fixture f;
    auto first = f.create();
    auto second = f.create();
    REQUIRE((first && second));
    f.machine.usage[first->id].memory_bytes = 5 * megabyte;
    f.system.advance(4s);
    CHECK(samplings(f) == 0);
    f.system.advance(1s);
    CHECK(f.machine.log.back() == "sample 2");
    f.system.advance(5s);
    CHECK(samplings(f) == 2);
    auto samples = history(f, first->id);
    REQUIRE(samples.size() == 2);
    CHECK(samples.front().memory_bytes == 5 * megabyte);
    CHECK(history(f, second->id).front().memory_bytes == 0);
}

TEST_CASE("without environments nothing is measured") {
    runtime_fixture f;
    f.system.advance(60s);
    auto made = f.create();
    REQUIRE(made);
    REQUIRE(f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true));
    for (int i = 0; i < 20; ++i)
        f.system.advance(5s);
    CHECK(samplings(f) == 0);
}

TEST_CASE("with monitoring off nothing is measured unless it is asked for") {
    runtime_config config;
    config.enable_monitoring = false;
    runtime_fixture f{config};
    auto made = f.create();
    REQUIRE(made);
    for (int i = 0; i < 20; ++i)
        f.system.advance(5s);
    CHECK(samplings(f) == 0);
    f.machine.usage[made->id].processes = 3;
    auto now = f.ask<usage_sample>(usage_atom_v, made->id);
    REQUIRE(now);
    CHECK(now->processes == 3);
    CHECK(history(f, made->id).empty());
    config.enable_monitoring = true;
    f.begin<void>(configure_atom_v, config);
    f.system.run();
    f.system.advance(5s);
    CHECK(history(f, made->id).size() == 1);
}

TEST_CASE("the totals are those of all environments, beside what is allowed") {
    runtime_fixture f;
    auto spec = limited();
    auto in_memory = f.create(spec);
    spec.name = "on-disk";
    spec.storage_backend = storage_backend::disk;
    auto on_disk = f.create(spec);
    auto unlimited_one = f.create();
    REQUIRE((in_memory && on_disk && unlimited_one));
    for (const auto& id : {in_memory->id, on_disk->id, unlimited_one->id}) {
        f.machine.usage[id].memory_bytes = 10 * megabyte;
        f.machine.usage[id].disk_bytes = 3 * megabyte;
    }
    auto usage = f.ask<resource_usage>(usage_atom_v);
    REQUIRE(usage);
    CHECK(usage->active_environments == 3);
    // Files in RAM are in the kernel's count where memory is limited, and added where it is not.
    CHECK(usage->total_memory_mb == 33);
    CHECK(usage->total_disk_mb == 3);
    CHECK(usage->max_concurrent == 50);
    CHECK(usage->max_total_memory_mb == megabytes{8192});
    CHECK(usage->max_total_disk_mb == megabytes{20480});
    // Within a second the answer is the same, without another look.
    REQUIRE(f.ask<resource_usage>(usage_atom_v));
    CHECK(samplings(f) == 1);
    f.system.advance(1s);
    REQUIRE(f.ask<resource_usage>(usage_atom_v));
    CHECK(samplings(f) == 2);
}

TEST_CASE("an alert is an event when it is raised and when it is over, and in the totals between") {
    runtime_fixture f;
    auto made = f.create(limited());
    REQUIRE(made);
    auto& usage = f.machine.usage[made->id];
    usage.processes = 1;
    usage.memory_bytes = 85 * megabyte;
    f.system.advance(5s);
    f.system.advance(5s);
    auto raised = alerts(f);
    REQUIRE(raised.size() == 1);
    CHECK(raised[0].kind == event_kind::alert_raised);
    CHECK(raised[0].environment_name == "limited");
    CHECK(raised[0].text == "memory warning: 85 %, from 80 %");
    auto totals = f.ask<resource_usage>(usage_atom_v);
    REQUIRE(totals);
    REQUIRE(totals->alerts.size() == 1);
    CHECK(totals->alerts[0].environment_id == made->id);
    CHECK(totals->alerts_total == 1);
    usage.memory_bytes = 10 * megabyte;
    f.system.advance(5s);
    CHECK(alerts(f).back().kind == event_kind::alert_cleared);
    totals = f.ask<resource_usage>(usage_atom_v);
    CHECK(totals->alerts.empty());
    CHECK(totals->alerts_total == 1);
}

TEST_CASE("a monitor that crashed watches the same environments again") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    caf::anon_send_exit(f.shared->monitor(), caf::exit_reason::kill);
    f.system.run();
    f.system.advance(1s);
    f.system.advance(5s);
    CHECK(history(f, made->id).size() == 1);
}

TEST_CASE("the use of an environment that is gone cannot be asked for") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    REQUIRE(f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true));
    auto now = f.ask<usage_sample>(usage_atom_v, made->id);
    REQUIRE_FALSE(now);
    CHECK(now.error().code == error_code::environment_not_found);
    CHECK(f.ask<resource_usage>(usage_atom_v)->active_environments == 0);
}

TEST_CASE("with an unlimited interval nothing is measured but what is asked for") {
    runtime_config config;
    config.monitoring_interval = unlimited;
    config.force_cleanup_after = unlimited;
    runtime_fixture f{config};
    auto made = f.create({.ttl = unlimited});
    REQUIRE(made);
    f.system.advance(24h);
    CHECK(samplings(f) == 0);
    CHECK(f.ask<usage_sample>(usage_atom_v, made->id));
    CHECK(samplings(f) == 1);
    config.monitoring_interval = 5s;
    REQUIRE(f.ask<void>(configure_atom_v, config));
    f.system.advance(5s);
    CHECK(samplings(f) == 2);
}

TEST_CASE("processes are told without the secrets in their command lines, and not more than were asked for") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    protocol::listed_process one;
    one.facts.pid = 7;
    one.facts.name = "sh\x1b";
    one.arguments = std::string{"sh\0--password\0hunter2\0", 22};
    f.machine.processes.total = 3;
    f.machine.processes.processes = {one};
    auto all = f.ask<process_list>(processes_atom_v, made->id, std::uint64_t{1'000'000});
    REQUIRE(all);
    CHECK(f.machine.log.back() == "list 500");
    CHECK(all->total == 3);
    REQUIRE(all->processes.size() == 1);
    CHECK(all->processes.front().pid == 7);
    CHECK(all->processes.front().name == "sh?");
    CHECK(all->processes.front().command_line == "sh --password ****");
}

TEST_CASE("there are no processes of an environment that is not there") {
    runtime_fixture f;
    auto all = f.ask<process_list>(processes_atom_v, std::string{"missing"}, std::uint64_t{10});
    REQUIRE_FALSE(all);
    CHECK(all.error().code == error_code::environment_not_found);
}
