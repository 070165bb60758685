// SPDX-License-Identifier: MIT
// A test that is run once with each package backend.
#pragma once

#include "tests/runtime/host.hpp"

#include <catch2/catch_message.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace gestvenv::test {

/// A runtime, and a request for an environment with the backend of this run.
struct with_each_backend {
    temporary_folder folder;
    runtime host{options_in(folder)};
    environment_spec spec;

    with_each_backend() {
        spec.package_backend = GENERATE(backend::uv, backend::pip, backend::pdm, backend::poetry);
        UNSCOPED_INFO(to_string(*spec.package_backend));
    }
};

} // namespace gestvenv::test
