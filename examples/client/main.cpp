// SPDX-License-Identifier: MIT
// Makes an environment in a node, whose socket `gestvenv node status` names, runs a command in it, and leaves nothing.
#include <gestvenv/client.hpp>

#include <exception>
#include <iostream>

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: client SOCKET\n";
        return 2;
    }
    try {
        gestvenv::client client{{.socket = words[1]}};
        auto env = client.create({.name = "example"});
        std::cout << env.execute("python --version").stdout_text;
        auto receipt = env.destroy();
        std::cout << "removed " << receipt.files_removed << " files, left " << receipt.residue.size() << "\n";
    } catch (const std::exception& problem) {
        std::cerr << "error: " << problem.what() << "\n";
        return 1;
    }
    return 0;
}
