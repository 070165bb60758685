// SPDX-License-Identifier: MIT
// What backends make of their tools' output.
#pragma once

#include "system/python/backends/registry.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

namespace gestvenv::test {

inline python::backend_report uv_says(std::string text, int status = 1) {
    return python::find_backend(backend::uv).value()->parse_changes({status, {}, std::move(text)});
}

/// Of a failure: one line.
inline std::string message_of(const python::backend_report& report) {
    REQUIRE(report.failure);
    CHECK(report.installed.empty());
    CHECK(report.failure->message.find('\n') == std::string::npos);
    return report.failure->message;
}

} // namespace gestvenv::test
