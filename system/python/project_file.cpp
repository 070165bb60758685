// SPDX-License-Identifier: MIT
#include "system/python/project_file.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"
#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = 1 << 20;

std::vector<std::string> texts_in(const toml::node* node) {
    std::vector<std::string> texts;
    if (const auto* list = node == nullptr ? nullptr : node->as_array()) {
        for (const auto& item : *list)
            if (const auto* text = item.as_string())
                texts.push_back(text->get());
    }
    return texts;
}

const toml::table* table_in(const toml::table& document, std::string_view path) {
    return document.at_path(path).as_table();
}

std::vector<std::string> keys_of(const toml::table* table) {
    std::vector<std::string> keys;
    if (table != nullptr)
        for (const auto& [key, value] : *table)
            keys.emplace_back(key.str());
    return keys;
}

std::optional<bool> flag_in(const toml::table& document, std::string_view path) {
    const auto* flag = document.at_path(path).as_boolean();
    return flag == nullptr ? std::nullopt : std::optional{flag->get()};
}

std::string text_in(const toml::table& document, std::string_view path) {
    const auto* text = document.at_path(path).as_string();
    return text == nullptr ? std::string{} : text->get();
}

void read_groups(const toml::table& document, project_file& project) {
    auto add = [&project](const char* kind, std::vector<std::string> names) {
        auto& known = project.groups[kind];
        std::move(names.begin(), names.end(), std::back_inserter(known));
    };
    add("dependency-groups", keys_of(table_in(document, "dependency-groups")));
    if (document.at_path("tool.uv.dev-dependencies"))
        add("tool.uv", {"dev"});
    add("tool.pdm", keys_of(table_in(document, "tool.pdm.dev-dependencies")));
    add("tool.poetry", keys_of(table_in(document, "tool.poetry.group")));
    if (document.at_path("tool.poetry.dev-dependencies"))
        add("tool.poetry", {"dev"});
}

void read_replaced(const toml::table& document, project_file& project) {
    for (const char* place :
         {"tool.uv.override-dependencies", "tool.uv.exclude-dependencies", "tool.pdm.resolution.excludes"})
        for (const auto& text : texts_in(document.at_path(place).node()))
            if (auto item = parse_requirement(text))
                project.replaced.insert(normalized_name(item->name));
    auto is_local = [](const toml::node& source) {
        const auto* table = source.as_table();
        return table != nullptr && (table->contains("path") || table->contains("workspace"));
    };
    if (const auto* sources = table_in(document, "tool.uv.sources"))
        for (const auto& [key, value] : *sources) {
            const auto* list = value.as_array(); // one for each marker
            if (list == nullptr ? is_local(value) : std::any_of(list->begin(), list->end(), is_local))
                project.replaced.insert(normalized_name(key.str()));
        }
}

bool names_itself(const project_file& project, const requirement& wanted) {
    return !project.name.empty() && normalized_name(wanted.name) == normalized_name(project.name);
}

} // namespace

bool project_file::leaves_to_backend(std::string_view field) const {
    return std::find(dynamic.begin(), dynamic.end(), field) != dynamic.end();
}

outcome<project_file> parse_project_file(std::string_view text, std::string_view name) {
    if (auto within = check_toml_bounds(text, name); !within)
        return failure(within.error());
    auto parsed = toml::parse(text);
    if (!parsed)
        return failure(
            error_code::invalid_argument,
            fmt::format("{}:{}: {}", name, parsed.error().source().begin.line, parsed.error().description()));
    const toml::table& document = parsed.table();
    project_file project;
    project.is_described = table_in(document, "project") != nullptr;
    project.has_build_system = table_in(document, "build-system") != nullptr;
    project.name = text_in(document, "project.name");
    if (project.name.empty())
        project.name = text_in(document, "tool.poetry.name");
    project.dynamic = texts_in(document.at_path("project.dynamic").node());
    project.dependencies = texts_in(document.at_path("project.dependencies").node());
    for (const char* place : {"project.optional-dependencies", "tool.poetry.extras"})
        if (const auto* extras = table_in(document, place))
            for (const auto& [key, value] : *extras)
                project.extras.emplace(normalized_name(key.str()), texts_in(&value));
    read_groups(document, project);
    read_replaced(document, project);
    project.uv_package = flag_in(document, "tool.uv.package");
    project.poetry_package = flag_in(document, "tool.poetry.package-mode");
    project.pdm_package = flag_in(document, "tool.pdm.distribution");
    if (const auto* workspace = table_in(document, "tool.uv.workspace"))
        project.workspace = project_file::workspace_patterns{texts_in(workspace->get("members")),
                                                             texts_in(workspace->get("exclude"))};
    return project;
}

outcome<project_file> read_project_file(const fs::path& folder) {
    auto file = folder / "pyproject.toml";
    auto text = read_regular_file(file, largest_file);
    if (!text)
        return failure(text.error());
    return parse_project_file(*text, redacted(file.string()));
}

bool is_application(const project_file& project, const fs::path& folder) {
    if (project.has_build_system || project.uv_package.value_or(false) ||
        project.poetry_package.value_or(false) || project.pdm_package.value_or(false))
        return false;
    if (project.leaves_to_backend("dependencies") || project.leaves_to_backend("optional-dependencies"))
        return false;
    std::error_code ignored; // what cannot be looked at, a build could not read either
    if (fs::exists(folder / "setup.py", ignored))
        return false;
    // Without a description: groups alone, or the tables of some tools. What poetry describes is more.
    return project.is_described || (project.name.empty() && !project.poetry_package && !project.workspace &&
                                    !fs::exists(folder / "setup.cfg", ignored));
}

std::vector<std::string> dependencies_of(const project_file& project,
                                         const std::vector<std::string>& extras) {
    auto all = project.dependencies;
    std::set<std::string> taken;
    std::vector<std::string> waiting = extras;
    while (!waiting.empty()) {
        auto name = normalized_name(waiting.back());
        waiting.pop_back();
        auto extra = project.extras.find(name);
        if (extra == project.extras.end() || !taken.insert(name).second)
            continue;
        for (const auto& item : extra->second) {
            auto wanted = parse_requirement(item);
            if (wanted && names_itself(project, *wanted))
                waiting.insert(waiting.end(), wanted->extras.begin(), wanted->extras.end());
            else
                all.push_back(item); // what is no requirement is for the backend to name
        }
    }
    return all;
}

} // namespace gestvenv::python
