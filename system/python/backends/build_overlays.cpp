// SPDX-License-Identifier: MIT
#include "system/python/backends/build_overlays.hpp"

#include "system/isolation/mounts_below.hpp"
#include "system/python/backends/enclosing_folders.hpp"
#include "system/python/backends/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_links = 16;
constexpr int most_entries = 2000;

bool is_at_or_below(const fs::path& path, const fs::path& folder) {
    return path == folder || is_below(path.string(), folder.string());
}

fs::path without_links(const fs::path& path) {
    std::error_code problem; // what is not there yet has no links in it
    auto real = fs::weakly_canonical(path, problem);
    return problem ? path.lexically_normal() : real;
}

class planning {
public:
    planning(const local_folders& folders, const overlay_bounds& bounds)
        : folders_(folders), home_(without_links(bounds.home)) {}

    void add_built(const fs::path& folder) {
        if (auto why = why_not(folder); !why.empty()) {
            plan_.notes.push_back(fmt::format("{} has no overlay: {}", folder.string(), why));
            return;
        }
        auto& item = plan_.wish.folders.emplace_back();
        item.folder = folder.string();
        // A tool that goes by the time of these files sees that they may say something else now.
        item.touched = {"pyproject.toml", "setup.py", "setup.cfg"};
        for (const auto& around : enclosing_folders(folder))
            if (why_not(around).empty())
                item.candidates.push_back(around.string());
        item.candidates.push_back(folder.string());
    }

    // Written to along the way, and no folder of which anything is to be said.
    void add_beside(const fs::path& folder) {
        std::error_code problem; // what is not there is not written to
        if (folder.empty() || !fs::is_directory(folder, problem) || !why_not(folder).empty())
            return;
        for (const auto& item : plan_.wish.folders)
            if (is_at_or_below(folder, item.candidates.front()))
                return;
        plan_.wish.folders.push_back({folder.string(), {folder.string()}, {}});
    }

    // Links out of a project, as deep as packages lie in it.
    void add_links(const fs::path& folder, int depth, int& entries) {
        std::error_code problem; // an unreadable folder is not built in
        for (fs::directory_iterator entry{folder, problem}, end; !problem && entry != end;
             entry.increment(problem)) {
            if (++entries > most_entries)
                return;
            if (entry->path().filename().native().front() == '.')
                continue;
            std::error_code gone; // a link that leads nowhere
            if (entry->is_symlink(gone)) {
                auto target = fs::canonical(entry->path(), gone);
                if (!gone && links_ < most_links && fs::is_directory(target, gone) &&
                    ::access(target.c_str(), W_OK) == 0) {
                    ++links_;
                    add_beside(target);
                }
            } else if (depth > 0 && entry->is_directory(gone)) {
                add_links(entry->path(), depth - 1, entries);
            }
        }
    }

    bool has_any() const { return !plan_.wish.empty(); }
    build_overlays take() && { return std::move(plan_); }

private:
    std::string why_not(const fs::path& folder) const {
        if (is_system_folder(folder))
            return "it belongs to the system";
        if (!home_.empty() && is_at_or_below(home_, folder))
            return "it is the home folder, or around it";
        for (const auto& editable : folders_.editable)
            if (is_at_or_below(editable, folder))
                return fmt::format("{} in it is to be linked to", editable.string());
        return {};
    }

    const local_folders& folders_;
    fs::path home_;
    std::size_t links_ = 0;
    build_overlays plan_;
};

} // namespace

build_overlays plan_overlays(const local_folders& folders, const overlay_bounds& bounds) {
    planning plan{folders, bounds};
    for (const auto& folder : folders.built)
        plan.add_built(folder);
    for (const auto& folder : plan.has_any() ? folders.built : std::vector<fs::path>{}) {
        for (const auto& data : repository_data(folder))
            plan.add_beside(data);
        int entries = 0;
        plan.add_links(folder, 1, entries);
    }
    auto result = std::move(plan).take();
    if (result.wish.empty())
        return result;
    for (const auto& path : bounds.shown_through)
        result.wish.shown_through.push_back(without_links(path).string());
    result.wish.place = bounds.place;
    return result;
}

std::vector<fs::path> folders_of_tools(const variable_map& variables, const fs::path& working_folder) {
    std::vector<fs::path> folders;
    auto value_of = [&variables](std::string_view name) {
        auto found = variables.find(std::string{name});
        return found == variables.end() ? std::string{} : found->second;
    };
    std::vector<std::string_view> names{"XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"};
    for (const auto* tool : all_backends())
        names.push_back(tool->cache_variable());
    for (auto name : names)
        if (auto value = value_of(name); !value.empty())
            folders.push_back(working_folder / value);
    if (auto home = value_of("HOME"); !home.empty())
        for (const char* name : {".cache", ".local"})
            folders.push_back(fs::path{home} / name);
    return folders;
}

} // namespace gestvenv::python
