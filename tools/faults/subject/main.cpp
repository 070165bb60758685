// SPDX-License-Identifier: MIT
// The program that faults are injected into: started by the rig, never by hand.
#include "tools/faults/common/scenario.hpp"

#include <sys/syscall.h>

#include <cstdio>
#include <map>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace {

// A process whose first thread has ended and whose second has not: a zombie to who looks at its state alone.
[[noreturn]] void live_without_a_head() {
    std::thread{[] {
        for (;;)
            ::pause();
    }}.detach();
    for (;;)
        ::syscall(SYS_exit, 0);
}

} // namespace

int main(int count, char** words) {
    using gestvenv::faults::scenario;
    if (count == 2 && words[1] == std::string_view{"headless"})
        live_without_a_head();
    scenario setup;
    const std::map<std::string_view, scenario::part> parts{{"use", scenario::part::use},
                                                           {"install", scenario::part::install},
                                                           {"recover", scenario::part::recover},
                                                           {"beside", scenario::part::beside},
                                                           {"after", scenario::part::after}};
    if (count != 9 || !parts.contains(words[1]) || !gestvenv::from_string(words[4], setup.storage) ||
        !gestvenv::from_string(words[5], setup.best)) {
        std::fputs("usage: gestvenv-fault-subject use|install|recover|beside|after FOLDER LAUNCHER STORAGE "
                   "CONTAINMENT own-root|default-roots asked|by-itself at-once|waiting\n",
                   stderr);
        return 2;
    }
    setup.does = parts.at(words[1]);
    setup.folder = words[2];
    setup.launcher = words[3];
    setup.default_roots = words[6] == std::string_view{"default-roots"};
    setup.automatic_recovery = words[7] == std::string_view{"by-itself"};
    setup.waits_for_the_fault = words[8] == std::string_view{"waiting"};
    return gestvenv::faults::play(setup);
}
