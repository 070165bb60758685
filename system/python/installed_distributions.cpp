// SPDX-License-Identifier: MIT
#include "system/python/installed_distributions.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/regular_file.hpp"
#include "system/posix/system_failure.hpp"
#include "system/python/backends/local_folders.hpp"
#include "system/python/requirement.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_record = 64 << 10;
constexpr std::size_t largest_metadata = 4 << 20;

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

// Calls `with` with every entry of the `site-packages` of the environment's Python: `lib/python3.11/site-packages`.
template <class Function>
std::error_code for_each_entry(const fs::path& venv, Function with) {
    std::error_code problem;
    for (fs::directory_iterator library{venv / "lib", problem}, end; !problem && library != end;
         library.increment(problem)) {
        std::error_code none; // what has none is another program's library
        for (fs::directory_iterator entry{library->path() / "site-packages", none}; !none && entry != end;
             entry.increment(none))
            with(entry->path());
    }
    return problem;
}

// Empty where it does not say so.
fs::path installed_from(const fs::path& metadata) {
    const auto text = read_regular_file(metadata / "direct_url.json", largest_record);
    const auto record = nlohmann::json::parse(text ? *text : std::string{}, nullptr, false);
    if (!record.is_object() || !record.contains("url") || !record["url"].is_string())
        return {};
    auto folder = folder_of_url(record["url"].get_ref<const std::string&>());
    return folder.has_filename() ? folder : folder.parent_path();
}

// Of the fields before the first empty line (PEP 566); the description is behind that.
std::vector<std::string> provided_extras(std::string_view metadata) {
    constexpr std::string_view field = "Provides-Extra:";
    std::vector<std::string> extras;
    for (auto end = metadata.find('\n'); end != std::string_view::npos; end = metadata.find('\n')) {
        auto line = metadata.substr(0, end);
        metadata.remove_prefix(end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            break;
        if (!line.starts_with(field))
            continue;
        line.remove_prefix(std::min(line.find_first_not_of(" \t", field.size()), line.size()));
        extras.emplace_back(line);
    }
    return extras;
}

} // namespace

outcome<std::map<std::string, std::string>> installed_versions(const fs::path& venv) {
    std::map<std::string, std::string> versions;
    auto note = [&versions](const fs::path& entry) {
        if (auto found = named_by(entry.filename().native()); !found.name.empty())
            versions.emplace(std::move(found.name), std::move(found.version));
    };
    if (auto problem = for_each_entry(venv, note))
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

std::optional<std::vector<std::string>> extras_installed_from(const fs::path& folder, const fs::path& venv) {
    auto wanted = folder.lexically_normal();
    if (!wanted.has_filename())
        wanted = wanted.parent_path();
    std::optional<std::vector<std::string>> extras;
    auto look = [&](const fs::path& entry) {
        if (extras || entry.extension() != ".dist-info" || installed_from(entry) != wanted)
            return;
        if (auto text = read_regular_file(entry / "METADATA", largest_metadata))
            extras = provided_extras(*text);
    };
    (void)for_each_entry(venv, look); // what cannot be looked at says nothing
    return extras;
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
