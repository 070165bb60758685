// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_model.hpp"
#include "tools/gestvenv/top/top_view.hpp"
#include "tools/gestvenv/top/usage_graph.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::cli;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

namespace {

constexpr std::int64_t megabyte = 1 << 20;
const std::chrono::system_clock::time_point now{std::chrono::seconds{1'800'000'000}};

rest::environment_usage living(const std::string& name, double cpu, std::int64_t megabytes,
                               std::chrono::seconds age = 60s) {
    rest::environment_usage one;
    one.id = "id-of-" + name;
    one.name = name;
    one.status = environment_status::running;
    one.created_at = now - age;
    one.cpu_percent = cpu;
    one.memory_bytes = megabytes * megabyte;
    one.processes = 2;
    return one;
}

names shown(const top_model& model) {
    names all;
    for (const auto* row : model.shown())
        all.push_back(row->now.name);
    return all;
}

top_model three() {
    top_model model;
    model.update({living("b", 10, 30, 10s), living("a", 50, 20, 3700s), living("c", 50, 40, 100s)});
    return model;
}

/// Characters, of which each is one column wide.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

} // namespace

TEST_CASE("rows are in the order of a column, the same column again turns it round") {
    auto model = three();
    CHECK(shown(model) == names{"a", "c", "b"}); // what is equal is in the order of names
    model.order_by(top_order::cpu);
    CHECK(model.is_reversed());
    CHECK(shown(model) == names{"b", "a", "c"});
    model.order_by(top_order::memory);
    CHECK(shown(model) == names{"c", "b", "a"});
    model.order_by(top_order::name);
    CHECK(shown(model) == names{"a", "b", "c"});
    model.order_by(top_order::age);
    CHECK(shown(model) == names{"b", "c", "a"});
    model.order_by_neighbour(1);
    CHECK(model.order() == top_order::processes);
    model.order_by_neighbour(-2);
    CHECK(model.order() == top_order::name);
    model.order_by_neighbour(-1);
    CHECK(model.order() == top_order::disk);
}

TEST_CASE("the chosen environment stays chosen as long as it lives, then its place does") {
    auto model = three();
    model.move(1);
    CHECK(model.chosen()->now.name == "c");
    model.order_by(top_order::name);
    CHECK(model.chosen()->now.name == "c");
    CHECK(model.place() == 2);
    model.update({living("a", 0, 0), living("b", 0, 0)});
    CHECK(model.chosen()->now.name == "b");
    model.move(-100);
    CHECK(model.chosen()->now.name == "a");
    model.update({});
    CHECK(model.chosen() == nullptr);
    model.move(1);
    CHECK(model.all() == 0);
}

TEST_CASE("a filter shows those whose name has it, or whose id begins with it") {
    auto model = three();
    model.filter("b");
    CHECK(shown(model) == names{"b"});
    CHECK(model.all() == 3);
    model.filter("id-of-c");
    CHECK(shown(model) == names{"c"});
    model.filter("none");
    CHECK(shown(model).empty());
    model.filter("");
    CHECK(shown(model).size() == 3);
}

TEST_CASE("the last samples of each environment are kept, and of all together") {
    top_model model;
    for (int i = 0; i < 100; ++i)
        model.update({living("a", i, i), living("b", 1, 1)});
    model.filter("a");
    const auto& row = *model.chosen();
    CHECK(row.cpu_percent.size() == top_model::most_samples);
    CHECK(row.cpu_percent.back() == 99);
    CHECK(row.cpu_percent.front() == 40);
    CHECK(model.total().cpu() == 100);
    CHECK(model.total().processes() == 4);
    CHECK(model.total().memory_bytes.back() == 100.0 * megabyte);
}

TEST_CASE("a graph has a character for each value, the newest to the right") {
    CHECK(usage_graph({0, 50, 100}, 3, 100, true) == " ▄█");
    CHECK(usage_graph({0, 50, 100}, 5, 100, false) == "   =@");
    CHECK(usage_graph({1, 2, 3}, 2, 3, true) == "▅█");
    CHECK(usage_graph({0.001, 1000}, 2, 100, true) == "▁█"); // seen, and not more than all
    CHECK(usage_graph({}, 2, 100, true) == "  ");
}

TEST_CASE("sizes and times are short") {
    CHECK(short_size(0) == "0B");
    CHECK(short_size(999) == "999B");
    CHECK(short_size(1536) == "1.5K");
    CHECK(short_size(1000.0 * 1024) == "1.0M");
    CHECK(short_size(20.0 * megabyte) == "20M");
    CHECK(short_duration(-3) == "0s");
    CHECK(short_duration(59) == "59s");
    CHECK(short_duration(61) == "1m01s");
    CHECK(short_duration(3700) == "1h01m");
    CHECK(short_duration(90'000) == "1d01h");
}

TEST_CASE("lines are as wide as the terminal at most, and columns go in a narrow one") {
    const auto model = three();
    for (std::size_t width = 20; width < 300; ++width) {
        CAPTURE(width);
        const auto layout = layout_for(width, true);
        const auto heading = top_heading(layout, model);
        const auto line = top_line(layout, *model.chosen(), now);
        CHECK(width_of(heading) == width_of(line));
        CHECK(width_of(line) <= std::max<std::size_t>(width, 30));
        CHECK(width_of(top_graphs(model, width, true)) <= width);
    }
    const auto narrow = layout_for(40, true);
    CHECK(narrow.graph == 0);
    CHECK(narrow.has_disk);
    CHECK_FALSE(narrow.has_status);
    CHECK(layout_for(200, true).graph > 10);
}

TEST_CASE("a line has the numbers of an environment, the heading a mark at its column") {
    auto model = three();
    const auto layout = layout_for(80, false);
    const auto line = top_line(layout, *model.chosen(), now);
    CHECK(line.starts_with("a "));
    CHECK(line.find("running") != std::string::npos);
    CHECK(line.find("1h01m") != std::string::npos);
    CHECK(line.find("50.0") != std::string::npos);
    CHECK(line.find("20M") != std::string::npos);
    CHECK(top_heading(layout, model).find("CPU %v") != std::string::npos);
    model.order_by(top_order::cpu);
    CHECK(top_heading(layout, model).find("CPU %^") != std::string::npos);
    CHECK(top_summary(model) == "3 environments, 6 processes, CPU 110 %, memory 90M, disk 0B");
    model.filter("a");
    CHECK(top_summary(model).ends_with("; 1 shown"));
}

TEST_CASE("printed once, the table has all environments and no graph") {
    CHECK(top_table(top_model{}, 80, now) == "no environments\n");
    const auto table = top_table(three(), 0, now);
    CHECK(std::count(table.begin(), table.end(), '\n') == 4);
    CHECK(table.starts_with("NAME"));
}
