// The program `gestvenv`.
#include "tools/gestvenv/program.hpp"

int main(int count, char** words) {
    return gestvenv::cli::run_program({words + (count > 0 ? 1 : 0), words + count});
}
