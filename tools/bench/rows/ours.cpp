// SPDX-License-Identifier: MIT
#include "tools/bench/rows/ours.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

namespace gestvenv::bench {

runtime_options host_options() {
    runtime_options options;
    options.log = [](std::string_view text) { fmt::print(stderr, "gestvenv-bench: {}\n", text); };
    return options;
}

environment_spec plain_environment(const context& shared) {
    environment_spec spec;
    spec.python_version = shared.python.string();
    spec.storage_backend = storage_backend::tmpfs;
    return spec;
}

void destroy(environment& ended) {
    if (!ended.destroy().clean())
        throw std::runtime_error{"an environment was destroyed and something is left of it"};
}

void execute(environment& where, const std::vector<std::string>& words) {
    command_spec command;
    command.arguments = words;
    if (auto result = where.execute(std::move(command)); !result.success())
        throw std::runtime_error{fmt::format("{}: exit status {}", words.front(), result.returncode)};
}

} // namespace gestvenv::bench
