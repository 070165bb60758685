// SPDX-License-Identifier: MIT
#include "system/python/backends/uv_configuration.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/backends/uv_settings.hpp"
#include "system/python/project_file.hpp"
#include "system/python/uv_workspace.hpp"
#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = 1 << 20;

constexpr std::array<std::string_view, 12> elsewhere{"python",          "system",  "break-system-packages",
                                                     "target",          "prefix",  "python-version",
                                                     "python-platform", "no-deps", "upgrade",
                                                     "reinstall",       "extra",   "all-extras"};

std::string value_of(const variable_map& variables, const char* name) {
    auto it = variables.find(name);
    return it == variables.end() ? std::string{} : it->second;
}

std::optional<toml::table> settings_in(const fs::path& file) {
    auto text = read_regular_file(file, largest_file);
    if (!text || !check_toml_bounds(*text, "uv.toml"))
        return std::nullopt;
    auto parsed = toml::parse(*text);
    if (!parsed)
        return std::nullopt;
    if (file.filename() != "pyproject.toml")
        return std::move(parsed).table();
    const auto* own = parsed.table().at_path("tool.uv").as_table();
    return own == nullptr ? std::nullopt : std::optional{*own};
}

void make_absolute(toml::node& node, const fs::path& folder) {
    if (auto* list = node.as_array()) {
        for (auto& item : *list)
            make_absolute(item, folder);
    } else if (auto* table = node.as_table()) {
        if (auto* url = table->get("url"))
            make_absolute(*url, folder);
    } else if (auto* text = node.as_string();
               text != nullptr && text->get().find("://") == std::string::npos) {
        *text = (folder / text->get()).string();
    }
}

// uv counts the paths of a configuration from its file, and ours has none.
void make_paths_absolute(toml::table& settings, const fs::path& folder) {
    for (const char* name : {"find-links", "index", "index-url", "extra-index-url", "cache-dir"})
        if (auto* node = settings.get(name))
            make_absolute(*node, folder);
}

bool take_out_elsewhere(toml::table& settings) {
    auto* pip = settings.get_as<toml::table>("pip");
    bool taken = false;
    for (auto name : elsewhere) {
        if (pip == nullptr || !pip->contains(name))
            continue;
        pip->erase(name);
        taken = true;
    }
    return taken;
}

// What is in both stays as it is, but for lists, of which the weaker's come last.
void add_weaker(toml::table& settings, const toml::table& weaker) {
    for (const auto& [key, value] : weaker) {
        auto* own = settings.get(key.str());
        if (own == nullptr)
            settings.insert(key, value);
        else if (own->is_table() && value.is_table())
            add_weaker(*own->as_table(), *value.as_table());
        else if (own->is_array() && value.is_array())
            for (const auto& item : *value.as_array())
                own->as_array()->push_back(item);
    }
}

// Where uv begins to look for the project's settings: at the project around `folder`, which has those of the
// workspace that it is a member of.
fs::path first_folder(const fs::path& folder) {
    std::error_code ignored; // what cannot be looked at, uv cannot read either
    auto project = folder;
    while (!fs::is_regular_file(project / "pyproject.toml", ignored)) {
        if (project == project.parent_path())
            return folder;
        project = project.parent_path();
    }
    if (auto root = uv_workspace_root(project); !root.empty())
        return root;
    auto file = read_project_file(project);
    return file && (file->is_described || file->workspace) ? project : folder;
}

// The first that is there holds.
std::vector<fs::path> project_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (auto place = first_folder(folder);; place = place.parent_path()) {
        files.push_back(place / "uv.toml");
        files.push_back(place / "pyproject.toml");
        if (place == place.parent_path())
            return files;
    }
}

// Strongest first; of those of a kind, the first that is there.
std::vector<std::vector<fs::path>> files_of(const variable_map& variables, const fs::path& folder,
                                            const fs::path& working_folder, const fs::path& system_folder) {
    if (auto file = value_of(variables, "UV_CONFIG_FILE"); !file.empty())
        return {{working_folder / file}};
    auto outside = uv_configuration_files(variables, system_folder);
    auto system = std::find_if(outside.begin(), outside.end(), [&](const auto& file) {
        return file.native().starts_with(system_folder.native());
    });
    return {project_files(folder), {outside.begin(), system}, {system, outside.end()}};
}

void note_indexes(const toml::table& settings, named_indexes& named) {
    named.has_default = named.has_default || settings.contains("index-url");
    named.has_further = named.has_further || settings.contains("extra-index-url");
    const auto* indexes = settings.get_as<toml::array>("index");
    for (std::size_t i = 0; indexes != nullptr && i < indexes->size(); ++i) {
        const auto* index = indexes->get_as<toml::table>(i);
        auto is = [index](const char* flag) { return index->at_path(flag).value_or(false); };
        if (index == nullptr || is("explicit")) // that one is for what names it
            continue;
        (is("default") ? named.has_default : named.has_further) = true;
    }
}

} // namespace

std::optional<std::string> uv_settings_that_stay(const variable_map& variables, const fs::path& folder,
                                                 const fs::path& working_folder,
                                                 const fs::path& system_folder) {
    if (!value_of(variables, "UV_NO_CONFIG").empty())
        return std::nullopt;
    toml::table all;
    bool misleads = false;
    for (const auto& kind : files_of(variables, folder, working_folder, system_folder)) {
        for (const auto& file : kind) {
            auto settings = settings_in(file);
            if (!settings)
                continue;
            misleads = take_out_elsewhere(*settings) || misleads;
            make_paths_absolute(*settings, file.parent_path());
            add_weaker(all, *settings);
            break;
        }
    }
    if (!misleads)
        return std::nullopt;
    for (const char* project_only :
         {"sources", "workspace", "dev-dependencies", "package", "default-groups", "managed", "build-backend",
          "dependency-groups", "conflicts", "environments", "required-environments"})
        all.erase(project_only); // a uv.toml has none of them
    std::ostringstream text;
    text << all;
    return text.str();
}

named_indexes indexes_of_project(const variable_map& variables, const fs::path& folder) {
    named_indexes named;
    if (!value_of(variables, "UV_NO_CONFIG").empty() || !value_of(variables, "UV_CONFIG_FILE").empty())
        return named;
    for (const auto& file : project_files(folder)) {
        const auto settings = settings_in(file);
        if (!settings)
            continue;
        note_indexes(*settings, named);
        if (const auto* pip = settings->get_as<toml::table>("pip"))
            note_indexes(*pip, named);
        break;
    }
    return named;
}

} // namespace gestvenv::python
