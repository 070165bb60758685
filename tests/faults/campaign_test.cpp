// SPDX-License-Identifier: MIT
// Many cycles in a row, without a rig: which are run, and what is kept of them.
#include "tests/support/temporary_folder.hpp"
#include "tools/faults/harness/campaign.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <stdexcept>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::faults;
using namespace std::chrono_literals;

namespace {

class recorded_campaign {
public:
    recorded_campaign() {
        what.cycles = 10;
        what.seed = 7;
        what.resume = folder.path() / "totals";
        what.which = [](std::uint64_t number) {
            cycle result;
            result.step = "step " + std::to_string(number);
            result.kind = number % 2 == 0 ? fault_kind::kill_all : fault_kind::exception;
            return result;
        };
        what.run = [this](std::uint64_t number, const cycle&) {
            ran.push_back(number);
            cycle_report report;
            report.struck = number != 3;
            report.outlived = 2;
            report.until_quiet = std::chrono::milliseconds{number};
            report.until_nothing = std::chrono::milliseconds{100 - number};
            if (number == 4)
                report.faults.emplace_back("something is left");
            return report;
        };
    }

    std::vector<std::uint64_t> run_now() {
        ran.clear();
        sum = run_campaign(what);
        return ran;
    }

    test::temporary_folder folder;
    campaign what;
    std::vector<std::uint64_t> ran;
    totals sum;
};

const std::vector<std::uint64_t> all_ten{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

} // namespace

TEST_CASE("an interrupted campaign goes on where it was, and ends with the totals of one in a piece") {
    recorded_campaign whole;
    CHECK(whole.run_now() == all_ten);

    recorded_campaign halves;
    halves.what.stopped = [&halves] { return halves.ran.size() == 6; };
    CHECK(halves.run_now() == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5});
    halves.what.stopped = {};
    CHECK(halves.run_now() == std::vector<std::uint64_t>{6, 7, 8, 9});
    CHECK(halves.sum == whole.sum);
    CHECK(halves.run_now().empty());
    CHECK(halves.sum == whole.sum);
}

TEST_CASE("totals count cycles, faults by kind, failures, and keep the slowest by name") {
    recorded_campaign c;
    c.run_now();
    CHECK(c.sum.cycles == 10);
    CHECK(c.sum.failed == 1);
    CHECK(c.sum.outlived == 20);
    CHECK(c.sum.by_kind ==
          std::map<std::string, std::uint64_t>{{"kill-all", 5}, {"exception", 4}, {"not-met", 1}});
    CHECK(c.sum.slowest_quieting == totals::record{9, to_string(c.what.which(9))});
    CHECK(c.sum.slowest_teardown == totals::record{100, to_string(c.what.which(0))});
}

TEST_CASE("a single cycle that is looked at again is neither counted nor skipped later") {
    recorded_campaign c;
    c.what.stopped = [&c] { return c.ran.size() == 5; };
    c.run_now();
    c.what.stopped = {};
    c.what.only = 4;
    CHECK(c.run_now() == std::vector<std::uint64_t>{4});
    CHECK(c.sum.cycles == 1);
    CHECK(c.sum.failed == 1);
    c.what.only.reset();
    CHECK(c.run_now() == std::vector<std::uint64_t>{5, 6, 7, 8, 9});
    CHECK(c.sum.cycles == 10);
    CHECK(c.sum.failed == 1);
}

TEST_CASE("totals of another seed are not gone on from, and a place that cannot be written is told") {
    recorded_campaign c;
    c.run_now();
    c.what.seed = 8;
    CHECK_THROWS_AS(c.run_now(), std::runtime_error);
    c.what.resume = c.folder.path() / "absent" / "totals";
    CHECK_THROWS_AS(c.run_now(), std::runtime_error);
}

TEST_CASE("a campaign that keeps nothing leaves no file") {
    recorded_campaign c;
    c.what.resume.clear();
    CHECK(c.run_now() == all_ten);
    CHECK(std::filesystem::is_empty(c.folder.path()));
}
