// The program `gestvenv`.
#include "tools/gestvenv/program.hpp"

#include <cstdio>
#include <unistd.h>

int main(int count, char** words) {
    auto status = gestvenv::cli::run_program({words + (count > 0 ? 1 : 0), words + count});
    if (!gestvenv::cli::ends_without_destructors)
        return status;
    std::fflush(nullptr); // libraries may have written there; the program's own output is not buffered
    ::_exit(status);
}
