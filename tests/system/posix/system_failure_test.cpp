// SPDX-License-Identifier: MIT
#include "system/posix/system_failure.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

using namespace gestvenv;

TEST_CASE("a process that cannot be started for want of a number names the limits, another call does not") {
    auto start = start_failure(EAGAIN, "cannot start a process").value();
    CHECK(start.message.starts_with("cannot start a process: "));
    CHECK(start.hint.find("pids.max") != std::string::npos);
    CHECK(system_failure(EAGAIN, "cannot send a message").value().hint.empty());
}

TEST_CASE("a failed call has the code of its reason, and a hint where something is used up") {
    CHECK(system_failure(EACCES, "x").value().code == error_code::permission_denied);
    CHECK(system_failure(EDQUOT, "x").value().code == error_code::storage_full);
    CHECK(system_failure(EIO, "x").value().code == error_code::system_failure);
    CHECK(system_failure(EMFILE, "x").value().hint.find("ulimit -n") != std::string::npos);
    CHECK(start_failure(ENOMEM, "x").value().hint == system_failure(ENOMEM, "x").value().hint);
}
