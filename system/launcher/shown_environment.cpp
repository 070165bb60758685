// SPDX-License-Identifier: MIT
#include "system/launcher/shown_environment.hpp"

#include "system/posix/process_facts.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace gestvenv {

namespace {

namespace files = std::filesystem;

char* place = nullptr;

void show(std::string_view id) noexcept {
    if (place == nullptr)
        return;
    id = id.substr(0, protocol::no_environment_shown.size());
    std::fill(std::copy(id.begin(), id.end(), place), place + protocol::no_environment_shown.size(), '-');
}

// A process that ends meanwhile makes the read fail, which this way of reading does not throw.
std::string content_of(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

bool shows(const files::path& process, std::string_view id) {
    return content_of(process / "comm") == "gestvenv-keeper\n" &&
           content_of(process / "cmdline").find('\0' + std::string{id} + '\0') != std::string::npos;
}

} // namespace

void shown_environment::show_in(char* argument) noexcept {
    place = std::string_view{argument} == protocol::no_environment_shown ? argument : nullptr;
}

shown_environment::shown_environment(std::string_view id) noexcept {
    show(id);
}

shown_environment::~shown_environment() {
    show(protocol::no_environment_shown);
}

std::vector<protocol::noted_process> keepers_of(std::string_view id) {
    std::vector<protocol::noted_process> found;
    if (id.size() != protocol::no_environment_shown.size())
        return found;
    std::error_code hidden;
    for (files::directory_iterator entry{"/proc", hidden}, end; !hidden && entry != end;
         entry.increment(hidden)) {
        const auto name = entry->path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos || !shows(entry->path(), id))
            continue;
        const auto pid = static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
        if (auto started = start_time_of(pid))
            found.push_back({pid, *started});
    }
    return found;
}

} // namespace gestvenv
