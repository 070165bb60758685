// SPDX-License-Identifier: MIT
// A host program's runtime for a test: everything it keeps lies in a folder of the test's.
#pragma once

#include "system/journal/state_folder.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/runtime.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::test {

inline runtime_options options_in(const temporary_folder& folder) {
    runtime_options options;
    options.launcher = test::built_launcher;
    options.state_root = folder.path() / "state";
    options.config.base_storage_path = folder.path() / "storage";
    return options;
}

/// A command line for /bin/sh.
inline command_spec shell(std::string text) {
    command_spec command;
    command.text = std::move(text);
    command.shell = true;
    return command;
}

/// What is in a folder, by name; empty when there is none.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    if (std::filesystem::exists(folder))
        for (const auto& entry : std::filesystem::directory_iterator{folder})
            names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

/// The folders of runtimes below the test's state root; how environments ended is kept beside them.
inline std::size_t state_folders_in(const temporary_folder& folder) {
    return all_state_folders(folder.path() / "state").value().size();
}

} // namespace gestvenv::test
