// SPDX-License-Identifier: MIT
#include "system/python/backends/local_folders.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/project_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_folders = 64;
constexpr std::size_t largest_file = 16 << 20;
constexpr std::array<std::string_view, 5> keys_of_paths{"path", "directory", "editable", "virtual", "url"};

std::vector<std::string_view> files_with_paths() {
    std::vector<std::string_view> names{"pyproject.toml", "setup.cfg"};
    for (const auto* tool : all_backends())
        if (!tool->lock_file().empty())
            names.push_back(tool->lock_file());
    return names;
}

bool is_key_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// The value of `key = "value"` that ends a key at `end`; empty where there is none.
std::string_view quoted_value(std::string_view line, std::size_t end) {
    auto at = line.find_first_not_of(" \t", end);
    if (at == std::string_view::npos || line[at] != '=')
        return {};
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string_view::npos || (line[at] != '"' && line[at] != '\''))
        return {};
    auto close = line.find(line[at], at + 1);
    return close == std::string_view::npos ? std::string_view{} : line.substr(at + 1, close - at - 1);
}

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto is_digit = [&](std::size_t at) {
            return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
        };
        if (text[i] == '%' && is_digit(i + 1) && is_digit(i + 2)) {
            result += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

// The folder itself, without links; empty where nothing can be built there.
fs::path buildable(const fs::path& path) {
    std::error_code problem; // what cannot be looked at cannot be built either
    auto folder = fs::canonical(path, problem);
    if (problem)
        return {};
    for (const char* name : {"pyproject.toml", "setup.py", "setup.cfg"})
        if (fs::is_regular_file(folder / name, problem))
            return folder;
    return {};
}

void add(std::vector<fs::path>& folders, fs::path folder) {
    if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end())
        folders.push_back(std::move(folder));
}

void find_keys(std::string_view line, const fs::path& base, std::vector<fs::path>& found) {
    for (auto key : keys_of_paths) {
        for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
            if (at > 0 && is_key_character(line[at - 1]))
                continue;
            auto value = quoted_value(line, at + key.size());
            if (!value.empty() && value.find("://") == std::string_view::npos)
                add(found, buildable(base / value));
        }
    }
}

// `${PROJECT_ROOT}` of pdm and `{root:uri}` of hatch stand for the project's folder.
fs::path folder_in_url(std::string_view url, const fs::path& base) {
    for (std::string_view label : {"file:///${PROJECT_ROOT}", "file://${PROJECT_ROOT}"})
        if (url.starts_with(label))
            return base / fs::path{decoded(url.substr(label.size()))}.relative_path();
    return folder_of_url(url);
}

void find_urls(std::string_view line, const fs::path& base, std::vector<fs::path>& found) {
    constexpr std::string_view end_of_url = "\"' \t#;,";
    for (auto at = line.find("file:"); at != std::string_view::npos; at = line.find("file:", at + 1)) {
        auto url = line.substr(at);
        add(found, buildable(folder_in_url(url.substr(0, url.find_first_of(end_of_url)), base)));
    }
    constexpr std::string_view of_hatch = "{root:uri}";
    if (auto at = line.find(of_hatch); at != std::string_view::npos) {
        auto rest = line.substr(at + of_hatch.size());
        add(found,
            buildable(base /
                      fs::path{decoded(rest.substr(0, rest.find_first_of(end_of_url)))}.relative_path()));
    }
}

} // namespace

fs::path folder_of_url(std::string_view url) {
    constexpr std::string_view scheme = "file:";
    constexpr std::string_view host = "//localhost/";
    if (!url.starts_with(scheme))
        return {};
    url.remove_prefix(scheme.size());
    if (url.starts_with(host))
        url.remove_prefix(host.size() - 1);
    else if (url.starts_with("///"))
        url.remove_prefix(2);
    if (!url.starts_with('/') || url.starts_with("//"))
        return {};
    return decoded(url.substr(0, url.find('#')));
}

std::vector<fs::path> folders_named_in(std::string_view text, const fs::path& base) {
    std::vector<fs::path> found;
    while (!text.empty() && found.size() < most_folders) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        find_keys(line, base, found);
        find_urls(line, base, found);
    }
    return found;
}

std::vector<fs::path> folders_installed_from(const fs::path& venv) {
    std::vector<fs::path> found;
    std::error_code problem; // an environment that cannot be read is the installer's to report
    for (fs::directory_iterator version{venv / "lib", problem}, end; !problem && version != end;
         version.increment(problem)) {
        std::error_code gone;
        for (fs::directory_iterator entry{version->path() / "site-packages", gone}; !gone && entry != end;
             entry.increment(gone)) {
            if (entry->path().extension() != ".dist-info")
                continue;
            if (auto text = read_regular_file(entry->path() / "direct_url.json", largest_file))
                for (auto& folder : folders_named_in(*text, "/"))
                    add(found, std::move(folder));
        }
    }
    return found;
}

local_folders find_local_folders(const backend_request& request, const std::vector<fs::path>& named,
                                 const std::vector<fs::path>& editable) {
    local_folders result;
    for (const auto& folder : editable)
        add(result.editable, buildable(folder));
    if (request.project) {
        add(result.built, buildable(request.project->folder));
        // The members of a workspace are in the lock of its root.
        if (auto lock = find_lock(*request.project, "uv.lock"); !lock.empty())
            add(result.built, buildable(lock.parent_path()));
    }
    for (const auto& folder : named)
        add(result.built, buildable(folder));
    for (const auto& package : request.packages)
        if (auto file = package.url.find("file:"); file != std::string::npos)
            add(result.built, buildable(folder_of_url(package.url.substr(file))));
    const auto names = files_with_paths();
    // It grows meanwhile, by what the folders in it depend on.
    for (std::size_t i = 0; i < result.built.size() && i < most_folders; ++i) {
        const auto folder = result.built[i];
        for (auto name : names)
            if (auto text = read_regular_file(folder / name, largest_file))
                for (auto& other : folders_named_in(*text, folder))
                    add(result.built, std::move(other));
        if (auto project = read_project_file(folder); project && !project->name.empty())
            result.names.push_back(project->name);
    }
    std::erase_if(result.built, [&result](const fs::path& folder) {
        return std::find(result.editable.begin(), result.editable.end(), folder) != result.editable.end();
    });
    return result;
}

} // namespace gestvenv::python
