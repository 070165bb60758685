// SPDX-License-Identifier: MIT
// Which system call fails in which cycle, with which error, and where: at random from a seed.
#pragma once

#include <gestvenv/enumerations.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::faults {

struct syscall_cycle {
    std::string call;
    std::string error;
    enum class position {
        single,  ///< the `first` of each thread
        from_on, ///< that one and all later ones
        every,   ///< that one, and then each `step` calls later
    };
    position where = position::single;
    unsigned first = 1;
    unsigned step = 1;
    storage_backend storage = storage_backend::tmpfs;
    /// A wheel is installed with uv.
    bool installs = false;
    /// Nothing is known of the interpreter yet.
    bool cold = false;

    friend bool operator==(const syscall_cycle&, const syscall_cycle&) = default;
};

std::string to_string(const syscall_cycle& what);

/// As strace(1) takes it: `write:error=EIO:when=3+`.
std::string injection_of(const syscall_cycle& what);

/// What can fail, and the errors that it can really give. Left out is what never fails for a reason of the
/// machine's: futexes, memory mapping, signal masks, exits, close(2).
struct failing_call {
    const char* name;
    std::vector<const char*> errors;
};
const std::vector<failing_call>& failing_calls();

/// The cycle of that number, from 0, which the seed makes: always the same.
syscall_cycle draw_syscall(std::uint64_t seed, std::uint64_t number);

} // namespace gestvenv::faults
