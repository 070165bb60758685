// SPDX-License-Identifier: MIT
#include "system/python/installed_distributions.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"
#include "system/python/requirement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// `zope.interface-6.0.dist-info`, `demo.egg-info`, `demo-1.0-py3.11.egg-info`, `demo.egg-link`: no name of
// theirs holds a `-` (they write `_` for it).
std::string name_in(std::string_view entry) {
    for (std::string_view ending : {".dist-info", ".egg-info", ".egg-link"}) {
        if (!entry.ends_with(ending))
            continue;
        entry.remove_suffix(ending.size());
        // An egg-link keeps a `-` of the name, and has no version.
        if (ending != ".egg-link")
            entry = entry.substr(0, entry.find('-'));
        return normalized_name(entry);
    }
    return {};
}

} // namespace

outcome<std::set<std::string>> installed_distributions(const fs::path& venv) {
    std::set<std::string> names;
    std::error_code problem;
    // One folder, of the environment's Python: `lib/python3.11/site-packages`.
    for (fs::directory_iterator library{venv / "lib", problem}, end; !problem && library != end;
         library.increment(problem)) {
        std::error_code none; // what has none is another program's library
        for (fs::directory_iterator entry{library->path() / "site-packages", none}; !none && entry != end;
             entry.increment(none))
            if (auto name = name_in(entry->path().filename().native()); !name.empty())
                names.insert(std::move(name));
    }
    if (problem)
        return system_failure(problem.value(),
                              fmt::format("cannot look at what is installed in {}", shown(venv.string())));
    return names;
}

std::vector<std::string> missing_distributions(const std::vector<std::string>& wanted,
                                               const std::set<std::string>& installed) {
    std::vector<std::string> missing;
    for (const auto& name : wanted)
        if (!installed.contains(normalized_name(name)) &&
            std::find(missing.begin(), missing.end(), name) == missing.end())
            missing.push_back(name);
    return missing;
}

} // namespace gestvenv::python
