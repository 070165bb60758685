// SPDX-License-Identifier: MIT
#include "system/python/backends/enclosing_folders.hpp"

#include "system/posix/regular_file.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_enclosing = 4;
constexpr std::size_t largest_file = 1 << 20;
constexpr std::array<std::string_view, 23> of_system{
    "/",      "/bin", "/boot", "/dev", "/etc",  "/home",    "/lib",    "/lib64",
    "/media", "/mnt", "/nix",  "/opt", "/proc", "/root",    "/run",    "/sbin",
    "/srv",   "/sys", "/tmp",  "/usr", "/var",  "/var/lib", "/var/tmp"};
constexpr std::array<std::string_view, 3> of_kernel{"/dev", "/proc", "/sys"};

bool says(const fs::path& file, std::string_view what) {
    auto text = read_regular_file(file, largest_file);
    return text && text->find(what) != std::string::npos;
}

bool is_root(const fs::path& folder) {
    std::error_code problem; // what cannot be looked at is no root for us
    for (const char* name : {".git", ".hg", ".svn", ".jj"})
        if (fs::exists(folder / name, problem))
            return true;
    return says(folder / "pyproject.toml", "[tool.uv.workspace") || says(folder / "Cargo.toml", "[workspace");
}

bool is_everybodys(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) == 0 && (status.st_mode & S_ISVTX) != 0 &&
           (status.st_mode & S_IWOTH) != 0;
}

// The first line, behind `label`; a relative path counts from `base`.
fs::path path_in(const fs::path& file, std::string_view label, const fs::path& base) {
    auto text = read_regular_file(file, largest_file);
    if (!text || !text->starts_with(label))
        return {};
    auto line = text->substr(label.size(), text->find('\n') - label.size());
    line.erase(0, line.find_first_not_of(' '));
    std::error_code problem; // a repository that has lost its data
    auto path = fs::canonical(base / line, problem);
    return problem ? fs::path{} : path;
}

} // namespace

std::vector<fs::path> enclosing_folders(const fs::path& folder) {
    std::vector<fs::path> found;
    for (auto around = folder.parent_path(); around != around.root_path(); around = around.parent_path())
        if (!is_system_folder(around) && is_root(around))
            found.insert(found.begin(), around);
    if (found.size() > most_enclosing)
        found.resize(most_enclosing);
    return found;
}

std::vector<fs::path> repository_data(const fs::path& folder) {
    std::vector<fs::path> found;
    for (auto around = folder; around != around.root_path(); around = around.parent_path()) {
        auto data = path_in(around / ".git", "gitdir:", around);
        if (data.empty())
            continue;
        auto common = path_in(data / "commondir", "", data);
        found.push_back(common.empty() ? data : common);
        if (!common.empty() && data != common)
            found.push_back(data); // usually in it
    }
    return found;
}

bool is_system_folder(const fs::path& folder) {
    const auto& text = folder.native();
    if (std::find(of_system.begin(), of_system.end(), text) != of_system.end())
        return true;
    if (std::any_of(of_kernel.begin(), of_kernel.end(),
                    [&text](auto top) { return text.starts_with(top) && text[top.size()] == '/'; }))
        return text.find("/dev/shm/") != 0;
    return is_everybodys(folder);
}

} // namespace gestvenv::python
