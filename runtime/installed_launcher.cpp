// SPDX-License-Identifier: MIT
#include "runtime/installed_launcher.hpp"

#include <gestvenv/installed_launcher.hpp>

#include <atomic>

namespace gestvenv {

namespace {

// Set before main() in programs that are built with the package.
constinit std::atomic<const char*> told{nullptr};

} // namespace

void use_installed_launcher(const char* path) noexcept {
    told.store(path);
}

std::filesystem::path installed_launcher() {
    const char* path = told.load();
    return path == nullptr ? std::filesystem::path{} : std::filesystem::path{path};
}

} // namespace gestvenv
