// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/receipt_output.hpp"

#include "messages/json.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>

using namespace gestvenv;

namespace {

teardown_receipt receipt_of_one() {
    teardown_receipt receipt;
    receipt.environment_id = "5f0c0b1e-0000-4000-8000-000000000000";
    receipt.environment_name = "test";
    receipt.duration = std::chrono::microseconds{1250};
    receipt.processes_killed = 1;
    receipt.mounts_removed = 1;
    receipt.segments_removed = 2;
    receipt.files_removed = 20;
    receipt.bytes_removed = 4096;
    return receipt;
}

std::string content(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

TEST_CASE("a readable receipt says what was removed and that nothing is left") {
    CHECK(cli::readable(receipt_of_one()) ==
          "environment  test (5f0c0b1e-0000-4000-8000-000000000000)\n"
          "ended        requested, in 1.2 ms\n"
          "removed      1 process, 1 mount, 0 cgroups, 2 segments, 20 files, 4096 bytes\n"
          "left         nothing");
}

TEST_CASE("a readable receipt names each thing that is left, and why") {
    auto receipt = receipt_of_one();
    receipt.residue = {{"folder", "/tmp/a", "it is busy"}, {"process", "17", "it does not die"}};
    auto text = cli::readable(receipt);
    CHECK(text.find("left         folder /tmp/a: it is busy\n"
                    "left         process 17: it does not die") != std::string::npos);
    CHECK(text.find("nothing") == std::string::npos);
}

TEST_CASE("a receipt in a file reads back as the same receipt") {
    test::temporary_folder folder;
    auto file = folder.path() / "receipt.json";
    std::ofstream{file} << "something longer that was there before, " << std::string(4096, 'x');
    REQUIRE(cli::write_receipt(file, receipt_of_one()));
    auto document = parse_json(content(file));
    REQUIRE(document);
    CHECK(from_json_value<teardown_receipt>(*document) == receipt_of_one());
}

TEST_CASE("a receipt that cannot be written is an error that says why") {
    auto full = cli::write_receipt("/dev/full", receipt_of_one());
    REQUIRE(!full);
    CHECK(full.error().code == error_code::storage_full);
    auto nowhere = cli::write_receipt("/nonexistent/receipt.json", receipt_of_one());
    REQUIRE(!nowhere);
    CHECK(nowhere.error().message.find("No such file or directory") != std::string::npos);
}
