// SPDX-License-Identifier: MIT
// Control-C ends the benchmark in order: what it has made is removed on the way out.
#pragma once

#include <stdexcept>

namespace gestvenv::bench {

class interrupted : public std::runtime_error {
public:
    interrupted() : std::runtime_error("interrupted") {}
};

/// From now on SIGINT, SIGTERM and SIGHUP are noted instead of ending the program. A second one ends it at
/// once.
void note_interruptions();

/// Throws `interrupted` once such a signal has come. To be called between measurements.
void throw_if_interrupted();

} // namespace gestvenv::bench
