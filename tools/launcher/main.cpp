// SPDX-License-Identifier: MIT
// gestvenv-launcher: started by the runtime, never by hand. See system/launcher/launcher.hpp.
#include "system/launcher/launcher.hpp"
#include "system/launcher/shown_environment.hpp"
#include "system/version.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace {

int usage() {
    std::fputs("gestvenv-launcher is started by GestVenv itself; it has no use by hand.\n", stderr);
    return 2;
}

} // namespace

int main(int argument_count, char** arguments) {
    if (argument_count == 2 && std::strcmp(arguments[1], "--version") == 0) {
        std::printf("gestvenv-launcher %s\n", gestvenv::program_version);
        return 0;
    }
    if (argument_count != 13 && argument_count != 15)
        return usage();
    gestvenv::launcher_options options;
    options.channel = std::atoi(arguments[1]);
    options.runtime = std::atoi(arguments[2]);
    options.runtime_pid = std::atoi(arguments[3]);
    options.runtime_start = std::strtoull(arguments[4], nullptr, 10);
    options.lock = std::atoi(arguments[5]);
    options.attach_root = arguments[6];
    if (std::strcmp(arguments[8], "-") != 0)
        options.trials = arguments[8];
    if (std::strcmp(arguments[9], "-") != 0)
        options.spare_root = arguments[9];
    if (!gestvenv::from_string(arguments[7], options.limit) || options.channel < 3 || options.runtime_pid < 1)
        return usage();
    if (std::strcmp(arguments[10], "-") != 0)
        options.time_slice = std::chrono::nanoseconds{std::atoll(arguments[10])};
    options.terminal = std::atoi(arguments[11]);
    gestvenv::shown_environment::show_in(arguments[12]);
    if (argument_count == 15) {
        auto value_of = [](const char* text) {
            return text[0] == '-' ? RLIM_INFINITY : static_cast<rlim_t>(std::strtoull(text, nullptr, 10));
        };
        options.file_size = rlimit{value_of(arguments[13]), value_of(arguments[14])};
    }
    // A session of its own, so that a terminal's signals do not reach us, and no hold on any folder.
    if (::setsid() < 0 || ::chdir("/") < 0)
        return 1;
    return gestvenv::run_launcher(options);
}
