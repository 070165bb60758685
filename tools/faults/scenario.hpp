// What the program under test does: the life of a runtime with two environments, as far as a fault lets it,
// or the next start after it.
#pragma once

#include <gestvenv/enumerations.hpp>

#include <filesystem>

namespace gestvenv::faults {

struct scenario {
    /// State folders, storages, and the report are below it.
    std::filesystem::path folder;
    std::filesystem::path launcher;
    gestvenv::storage_backend storage = storage_backend::tmpfs;
    containment best = containment::pid_namespace;
    enum class part {
        use,
        install, ///< use, and install a wheel with uv
        recover, ///< finish what an earlier run left, instead of using environments
        beside,  ///< use, and finish in the background what others leave meanwhile
    };
    part does = part::use;
};

/// Goes on after every failure that a host would hear of, and writes those to `folder`/report. Returns the
/// exit status: 0, or 3 when descriptors are open that were not before.
int play(const scenario& setup);

} // namespace gestvenv::faults
