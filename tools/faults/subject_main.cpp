// The program that faults are injected into: started by the rig, never by hand.
#include "tools/faults/scenario.hpp"

#include <cstdio>
#include <string_view>

int main(int count, char** words) {
    using gestvenv::faults::scenario;
    scenario setup;
    if (count != 6 || !gestvenv::from_string(words[4], setup.storage) ||
        !gestvenv::from_string(words[5], setup.best)) {
        std::fputs(
            "usage: gestvenv-fault-subject use|install|recover|beside FOLDER LAUNCHER STORAGE CONTAINMENT\n",
            stderr);
        return 2;
    }
    const std::string_view part = words[1];
    setup.does = part == "use"       ? scenario::part::use
                 : part == "install" ? scenario::part::install
                 : part == "recover" ? scenario::part::recover
                                     : scenario::part::beside;
    setup.folder = words[2];
    setup.launcher = words[3];
    return gestvenv::faults::play(setup);
}
