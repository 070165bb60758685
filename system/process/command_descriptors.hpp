// SPDX-License-Identifier: MIT
// What a command gets of descriptors that are not this process's own of these numbers: a node has them from
// the one who asks for the command.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <gestvenv/command_spec.hpp>

#include <array>
#include <vector>

namespace gestvenv {

struct command_descriptors {
    /// The standard streams. With `stream_mode::capture` only the first is used, as input. One that is not
    /// there is /dev/null.
    std::array<descriptor, 3> streams;
    /// The device of `command_spec::terminal`.
    descriptor terminal;
    /// What becomes `command_spec::passed_descriptors`, in their order.
    std::vector<descriptor> passed;
};

/// A close-on-exec copy with a number above 2.
outcome<descriptor> copy_of_descriptor(int number);

/// Copies of what a command uses of this process's descriptors.
outcome<command_descriptors> descriptors_for(const command_spec& command);

} // namespace gestvenv
