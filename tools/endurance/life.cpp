// SPDX-License-Identifier: MIT
#include "tools/endurance/life.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace gestvenv::endurance {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_of_one_thread = 8;

[[noreturn]] void unexpected(std::string_view what, const operation_result& result) {
    throw std::runtime_error{fmt::format("{}: status {}, standard error: {}", what, result.returncode,
                                         result.stderr_text.substr(0, 500))};
}

command_spec shell(std::string text) {
    command_spec command;
    command.text = std::move(text);
    command.shell = true;
    return command;
}

} // namespace

life::life(runtime& host, tally& done, std::uint32_t seed, std::vector<std::string> wheels)
    : host_(host), done_(done), random_(seed), wheels_(std::move(wheels)) {}

std::size_t life::pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
}

bool life::chance(double part) {
    return std::bernoulli_distribution{part}(random_);
}

void life::step() {
    if (living_.empty() || (living_.size() < most_of_one_thread && chance(0.25)))
        return create();
    auto index = pick(living_.size());
    if (chance(0.3))
        return destroy(index);
    if (!wheels_.empty() && chance(0.05))
        return install(living_[index]);
    execute(living_[index]);
}

void life::create() {
    environment_spec spec;
    spec.storage_backend = std::array{storage_backend::tmpfs, storage_backend::tmpfs, storage_backend::memory,
                                      storage_backend::disk}[pick(4)];
    if (chance(0.2))
        spec.ttl = 3600s;
    if (chance(0.1))
        spec.wait_for_room = 60s;
    if (chance(0.05))
        spec.python_version = "9.9"; // there is none
    auto wrong = spec.python_version.has_value();
    try {
        living_.push_back(host_.create(std::move(spec)));
    } catch (const resource_exhausted_exception&) {
        ++done_.counts[tally::refused_creation];
        return;
    } catch (const environment_creation_exception&) {
        if (!wrong)
            throw;
        ++done_.counts[tally::refused_creation];
        return;
    }
    if (wrong)
        throw std::runtime_error{"an environment was made with an interpreter that does not exist"};
    ++done_.counts[tally::creation];
}

void life::execute(environment& where) {
    ++done_.counts[tally::command];
    switch (pick(7)) {
    case 0: {
        auto result = where.execute("python -c 'print(6 * 7)'");
        if (result.stdout_text != "42\n")
            unexpected("python", result);
        break;
    }
    case 1: {
        auto result = where.execute(shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 7"));
        if (result.returncode != 7 || result.stdout_bytes != 3'000'000)
            unexpected("three megabytes", result);
        break;
    }
    case 2: {
        // Daemons of all kinds, which the environment's end takes with it.
        auto result = where.execute(shell("setsid sleep 900 & (trap '' TERM HUP; exec sleep 900) & echo on"));
        if (result.stdout_text != "on\n")
            unexpected("daemons", result);
        break;
    }
    case 3: {
        auto command = shell("sleep 900 & wait");
        command.timeout = std::chrono::milliseconds{1 + pick(60)};
        try {
            where.execute(std::move(command));
            throw std::runtime_error{"a command outlived its timeout"};
        } catch (const command_timeout_exception&) {
            ++done_.counts[tally::timeout];
        }
        break;
    }
    case 4: {
        std::size_t lines = 0;
        auto result =
            where.execute(shell("seq 2000"), [&lines](output_stream, std::string_view) { ++lines; });
        if (lines != 2000)
            unexpected("lines", result);
        break;
    }
    case 5: {
        auto command = shell("cat; kill -9 $$");
        command.standard_input = std::string(200'000, 'x');
        auto result = where.execute(std::move(command));
        if (result.signal != 9 || result.stdout_bytes != 200'000)
            unexpected("input and a signal", result);
        break;
    }
    default: {
        auto result =
            where.execute(shell("for i in $(seq 100); do mkdir -p a/$i; echo x >a/$i/f; done; rm -r a"));
        if (!result.success())
            unexpected("files", result);
        break;
    }
    }
}

void life::install(environment& where) {
    where.install(std::vector<std::string>{wheels_[pick(wheels_.size())]});
    ++done_.counts[tally::installation];
}

void life::destroy(std::size_t index) {
    auto where = std::move(living_[index]);
    living_.erase(living_.begin() + static_cast<std::ptrdiff_t>(index));
    if (chance(0.7))
        where.destroy(); // throws when something is left
    ++done_.counts[tally::destruction];
}

void life::end() {
    while (!living_.empty())
        destroy(living_.size() - 1);
}

} // namespace gestvenv::endurance
