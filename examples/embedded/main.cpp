// SPDX-License-Identifier: MIT
// The smallest host program: an environment with packages, one command in it, and the proof that it is gone.
//
//     embedded [PACKAGE]...        without a package: requests
#include <gestvenv/runtime.hpp>

#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    std::vector<std::string> packages{argv + 1, argv + argc};
    if (packages.empty())
        packages = {"requests"};

    try {
        gestvenv::runtime runtime;
        auto env = runtime.create({.name = "embedded", .packages = packages});
        auto result = env.execute("python -c 'import requests; print(requests.__version__)'");
        std::cout << result.stdout_text;

        auto receipt = env.destroy(); // or leave it to the destructor
        std::cout << "removed " << receipt.files_removed << " files, left " << receipt.residue.size() << '\n';
        return result.success() && receipt.clean() ? 0 : 1;
    } catch (const gestvenv::ephemeral_exception& failure) {
        std::cerr << "error: " << failure.what() << '\n';
        return 125;
    }
}
