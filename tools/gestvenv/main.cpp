// SPDX-License-Identifier: MIT
// The program `gestvenv`.
#include "tools/gestvenv/program.hpp"

#include <cstdio>
#include <malloc.h>
#include <unistd.h>

namespace {

/// Threads share one heap: each would map, cut to size and fill its own, and most run for a moment only. It
/// grows in few steps.
void keep_one_heap() {
#ifdef __GLIBC__
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TOP_PAD, 1 << 20);
#endif
}

} // namespace

int main(int count, char** words) {
    keep_one_heap();
    auto status = gestvenv::cli::run_program({words + (count > 0 ? 1 : 0), words + count});
    if (!gestvenv::cli::ends_without_destructors)
        return status;
    std::fflush(nullptr); // libraries may have written there; the program's own output is not buffered
    ::_exit(status);
}
