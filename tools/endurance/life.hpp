// SPDX-License-Identifier: MIT
// Random use of one runtime: what hosts do with it, in any order.
#pragma once

#include <gestvenv/runtime.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::endurance {

/// What can be done, and how often it was, over all threads.
struct tally {
    enum action { creation, refused_creation, command, timeout, installation, destruction, size };
    static constexpr std::array<std::string_view, size> names{
        "creations", "refused creations", "commands", "timeouts", "installations", "destructions"};
    std::array<std::atomic<std::int64_t>, size> counts{};
};

/// One thread's environments. Every answer is checked: an unexpected one throws std::runtime_error, and the
/// seed repeats it.
class life {
public:
    life(runtime& host, tally& done, std::uint32_t seed, std::vector<std::string> wheels);

    /// Does one thing.
    void step();
    /// Destroys all it has; each receipt must be clean.
    void end();

private:
    std::size_t pick(std::size_t count);
    bool chance(double part);
    void create();
    void execute(environment& where);
    void install(environment& where);
    void destroy(std::size_t index);

    runtime& host_;
    tally& done_;
    std::mt19937 random_;
    std::vector<std::string> wheels_;
    std::vector<environment> living_;
};

} // namespace gestvenv::endurance
