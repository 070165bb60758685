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

struct distribution {
    std::string name;
    std::string version;
};

// `zope.interface-6.0.dist-info`, `demo.egg-info`, `demo-1.0-py3.11.egg-info`, `demo.egg-link`: no name of
// theirs holds a `-` (they write `_` for it), and no version.
distribution named_by(std::string_view entry) {
    for (std::string_view ending : {".dist-info", ".egg-info", ".egg-link"}) {
        if (!entry.ends_with(ending))
            continue;
        entry.remove_suffix(ending.size());
        // An egg-link keeps a `-` of the name, and has no version.
        const auto dash = ending == ".egg-link" ? std::string_view::npos : entry.find('-');
        if (dash == std::string_view::npos)
            return {normalized_name(entry), {}};
        const auto rest = entry.substr(dash + 1);
        return {normalized_name(entry.substr(0, dash)), std::string{rest.substr(0, rest.find('-'))}};
    }
    return {};
}

} // namespace

outcome<std::map<std::string, std::string>> installed_versions(const fs::path& venv) {
    std::map<std::string, std::string> versions;
    std::error_code problem;
    // One folder, of the environment's Python: `lib/python3.11/site-packages`.
    for (fs::directory_iterator library{venv / "lib", problem}, end; !problem && library != end;
         library.increment(problem)) {
        std::error_code none; // what has none is another program's library
        for (fs::directory_iterator entry{library->path() / "site-packages", none}; !none && entry != end;
             entry.increment(none))
            if (auto found = named_by(entry->path().filename().native()); !found.name.empty())
                versions.emplace(std::move(found.name), std::move(found.version));
    }
    if (problem)
        return system_failure(problem.value(),
                              fmt::format("cannot look at what is installed in {}", shown(venv.string())));
    return versions;
}

outcome<std::set<std::string>> installed_distributions(const fs::path& venv) {
    return installed_versions(venv).map([](const auto& versions) {
        std::set<std::string> names;
        for (const auto& [name, version] : versions)
            names.insert(name);
        return names;
    });
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
