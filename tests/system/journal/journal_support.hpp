// SPDX-License-Identifier: MIT
// What the journal's tests have in common.
#pragma once

#include "system/journal/journal.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

namespace gestvenv::test {

inline journal opened(const temporary_folder& folder) {
    auto result = journal::open(folder.path());
    if (!result)
        FAIL(render(result.error()));
    return std::move(*result);
}

/// What a typical environment is made of.
inline std::vector<resource_record> three_records(const std::string& path = "/somewhere") {
    return {{"storage_folder", {{"path", path}, {"owner", "me"}}},
            {"cgroup", {{"folders", {"/sys/fs/cgroup/a", "/sys/fs/cgroup/b"}}}},
            {"keeper", nlohmann::json::object()}};
}

} // namespace gestvenv::test
