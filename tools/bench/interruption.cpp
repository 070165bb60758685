// SPDX-License-Identifier: MIT
#include "tools/bench/interruption.hpp"

#include <csignal>

namespace gestvenv::bench {

namespace {

volatile std::sig_atomic_t noted = 0;

void note(int) {
    noted = 1;
}

} // namespace

void note_interruptions() {
    struct sigaction action {};
    action.sa_handler = note;
    // One time only: a benchmark that hangs can still be ended.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (int number : {SIGINT, SIGTERM, SIGHUP})
        ::sigaction(number, &action, nullptr);
}

void throw_if_interrupted() {
    if (noted != 0)
        throw interrupted{};
}

} // namespace gestvenv::bench
