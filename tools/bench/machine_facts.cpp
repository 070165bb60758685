// SPDX-License-Identifier: MIT
#include "tools/bench/machine_facts.hpp"

#include "system/journal/state_folder.hpp"
#include "system/python/search_context.hpp"
#include "system/version.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/rows/ours.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <linux/magic.h>
#include <sched.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

namespace gestvenv::bench {

namespace {

// Those this program may run on: in a container often fewer than the machine has.
int cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
}

std::string processor() {
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name"))
            if (auto colon = line.find(": "); colon != std::string::npos)
                return line.substr(colon + 2);
    return "unknown processor";
}

std::string kernel() {
    utsname names{};
    ::uname(&names);
    return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

// The file system at a path, or at the nearest folder above it that exists.
std::string file_system(std::filesystem::path path) {
    struct statfs status {};
    while (::statfs(path.c_str(), &status) != 0) {
        if (!path.has_relative_path())
            return "an unknown file system";
        path = path.parent_path();
    }
    switch (status.f_type) { // statfs(2)
    case EXT4_SUPER_MAGIC:
        return "ext4";
    case TMPFS_MAGIC:
        return "tmpfs";
    case OVERLAYFS_SUPER_MAGIC:
        return "overlay";
    case BTRFS_SUPER_MAGIC:
        return "btrfs";
    case XFS_SUPER_MAGIC:
        return "xfs";
    default:
        return fmt::format("file system {:#x}", status.f_type);
    }
}

std::string build() {
#ifdef NDEBUG
    const char* kind = "optimised";
#else
    const char* kind = "NOT OPTIMISED, figures mean little";
#endif
#if defined(__clang__)
    return fmt::format("{}, clang {}", kind, __clang_version__);
#else
    return fmt::format("{}, g++ {}", kind, __VERSION__);
#endif
}

} // namespace

double load_average() {
    std::array<double, 1> load{};
    return ::getloadavg(load.data(), 1) == 1 ? load.front() : 0;
}

std::vector<std::pair<std::string, std::string>> machine_facts(const context& shared) {
    std::vector<std::pair<std::string, std::string>> facts{
        {"machine", fmt::format("{} cores, {}", cores(), processor())},
        {"kernel", kernel()},
        {"load average", fmt::format("{:.2f} at the start", load_average())},
        {"gestvenv", fmt::format("{}, {}", program_version, build())},
    };
    runtime host{host_options()};
    auto sample = host.create(plain_environment(shared));
    execute(sample, {"/bin/true"});
    auto info = sample.info();
    destroy(sample);
    auto able = host.abilities();
    facts.emplace_back("python", fmt::format("{}, {}", info.python_version, shared.python.string()));
    facts.emplace_back("uv", shared.uv
                                 ? fmt::format("{}, {}", output_of_child({shared.uv->string(), "--version"}),
                                               shared.uv->string())
                                 : shared.uv_problem);
    facts.emplace_back("storage", able.storage_mounts ? "ours: a detached tmpfs each"
                                                      : "ours: folders in an existing tmpfs");
    facts.back().second += fmt::format("; peers: {}", shared.scratch.parent_path().string());
    auto state = default_state_root(python::search_context_from_process().writable_home);
    facts.emplace_back("journal", fmt::format("{}, {}", state.string(), file_system(state)));
    facts.emplace_back("containment", std::string{to_string(info.containment_in_force)});
    if (!able.limitations.empty())
        facts.emplace_back("limitations", fmt::format("{}", fmt::join(able.limitations, "; ")));
    return facts;
}

} // namespace gestvenv::bench
