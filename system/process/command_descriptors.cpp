// SPDX-License-Identifier: MIT
#include "system/process/command_descriptors.hpp"

#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>

namespace gestvenv {

outcome<descriptor> copy_of_descriptor(int number) {
    descriptor copy{::fcntl(number, F_DUPFD_CLOEXEC, 3)};
    if (!copy && errno == EBADF)
        return failure(error_code::invalid_argument,
                       "descriptor " + std::to_string(number) + " is to be passed on, and is not open");
    if (!copy)
        return system_failure(errno, "cannot pass on descriptor " + std::to_string(number));
    return copy;
}

outcome<command_descriptors> descriptors_for(const command_spec& command) {
    command_descriptors result;
    for (int number = 0; command.streams == stream_mode::inherit && number < 3; ++number) {
        auto copy = copy_of_descriptor(number);
        // One that the program has closed is an empty one for the command.
        if (!copy && copy.error().code != error_code::invalid_argument)
            return failure(copy.error());
        if (copy)
            result.streams.at(static_cast<std::size_t>(number)) = std::move(*copy);
    }
    if (command.terminal) {
        auto copy = copy_of_descriptor(command.terminal->device);
        if (!copy)
            return failure(copy.error());
        result.terminal = std::move(*copy);
    }
    for (int number : command.passed_descriptors) {
        auto copy = copy_of_descriptor(number);
        if (!copy)
            return failure(copy.error());
        result.passed.push_back(std::move(*copy));
    }
    return result;
}

} // namespace gestvenv
