// SPDX-License-Identifier: MIT
#include "tools/endurance/process_facts.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace gestvenv::endurance {

namespace fs = std::filesystem;

process_facts facts_of(pid_t process) {
    const auto folder = fs::path{"/proc"} / std::to_string(process);
    std::ifstream pages{folder / "statm"};
    std::int64_t total = 0;
    process_facts facts;
    if (!(pages >> total >> facts.memory))
        throw std::runtime_error{fmt::format("there is no process {}", process)};
    facts.memory *= ::sysconf(_SC_PAGESIZE);
    auto count = [](const fs::path& where) {
        return static_cast<std::int64_t>(
            std::distance(fs::directory_iterator{where}, fs::directory_iterator{}));
    };
    facts.descriptors = count(folder / "fd");
    for (const auto& task : fs::directory_iterator{folder / "task"}) {
        ++facts.threads;
        std::ifstream children{task.path() / "children"};
        facts.children += std::distance(std::istream_iterator<std::string>{children}, {});
    }
    return facts;
}

} // namespace gestvenv::endurance
