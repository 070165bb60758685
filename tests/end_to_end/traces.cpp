// SPDX-License-Identifier: MIT
#include "tests/end_to_end/traces.hpp"

#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv::test {

namespace {

namespace files = std::filesystem;

std::vector<files::path> cgroup_mounts() {
    std::vector<files::path> mounts;
    std::ifstream table{"/proc/self/mounts"};
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields{line};
        std::string device;
        std::string folder;
        std::string kind;
        fields >> device >> folder >> kind;
        if (kind == "cgroup" || kind == "cgroup2")
            mounts.emplace_back(folder);
    }
    return mounts;
}

void add_cgroups(const std::string& id, std::vector<std::string>& found) {
    for (const auto& mount : cgroup_mounts()) {
        std::error_code vanished; // groups of others come and go while they are walked
        for (files::recursive_directory_iterator
                 entry{mount, files::directory_options::skip_permission_denied, vanished},
             end;
             !vanished && entry != end; entry.increment(vanished))
            if (entry->path().filename() == "gestvenv-" + id)
                found.push_back("cgroup " + entry->path().string());
    }
}

std::vector<files::path> roots_of(uid_t user) {
    auto name = "gestvenv-ephemeral-" + std::to_string(user);
    std::vector<files::path> roots{files::path{"/tmp"} / name, files::path{"/dev/shm"} / name};
    // Whose home is known only for the user who runs the tests.
    if (const char* home = std::getenv("HOME"); home != nullptr && user == ::geteuid())
        roots.push_back(files::path{home} / ".cache/gestvenv/ephemeral");
    return roots;
}

void add_folders(const std::string& id, uid_t user, std::vector<std::string>& found) {
    for (const auto& root : roots_of(user)) {
        std::error_code vanished;
        for (files::directory_iterator entry{root, vanished}, end; !vanished && entry != end;
             entry.increment(vanished))
            if (entry->path().filename().string().rfind(id, 0) == 0)
                found.push_back("folder " + entry->path().string());
    }
}

/// Whether another program (another test, a build beside it) has environments of the same user.
bool another_launcher_runs(uid_t user) {
    std::error_code vanished;
    for (files::directory_iterator entry{"/proc", vanished}, end; !vanished && entry != end;
         entry.increment(vanished)) {
        struct stat owner {};
        if (content_of(entry->path() / "comm") == "gestvenv-launch\n" &&
            ::stat(entry->path().c_str(), &owner) == 0 && owner.st_uid == user)
            return true;
    }
    return false;
}

} // namespace

std::vector<std::string> traces_of(const std::string& id, uid_t user) {
    std::vector<std::string> found;
    add_cgroups(id, found);
    add_folders(id, user, found);
    std::ifstream mounts{"/proc/self/mounts"};
    for (std::string line; std::getline(mounts, line);)
        if (line.find("gestvenv-ephemeral-" + std::to_string(user)) != std::string::npos)
            found.push_back("mount " + line);
    auto roots = roots_of(user);
    std::vector<std::string> shared;
    for (const auto& root : roots)
        if (files::exists(root))
            shared.push_back("folder " + root.string());
    if (!shared.empty() && !another_launcher_runs(user))
        found.insert(found.end(), shared.begin(), shared.end());
    return found;
}

void check_nothing_left(const std::string& id, uid_t user) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    auto found = traces_of(id, user);
    while (!found.empty() && std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 20);
        found = traces_of(id, user);
    }
    CHECK(found == std::vector<std::string>{});
}

std::string id_in(const std::string& prompt) {
    REQUIRE(prompt.size() >= 12);
    REQUIRE(prompt.substr(0, 4) == "env-");
    return prompt.substr(4, 8);
}

} // namespace gestvenv::test
