// SPDX-License-Identifier: MIT
// The program `gestvenv-bench`.
#include "tools/bench/program.hpp"

#include <string>
#include <vector>

int main(int count, char** words) {
    const std::vector<std::string> rest{words + (count > 0 ? 1 : 0), words + count};
    return gestvenv::bench::run_program(rest);
}
