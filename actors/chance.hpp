// SPDX-License-Identifier: MIT
// Chance, for jitter only.
#pragma once

#include <random>

namespace gestvenv {

/// Uniform in [0, 1).
inline double chance() {
    thread_local std::minstd_rand source{std::random_device{}()};
    return std::uniform_real_distribution<double>{0, 1}(source);
}

} // namespace gestvenv
