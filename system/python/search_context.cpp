// SPDX-License-Identifier: MIT
#include "system/python/search_context.hpp"

#include "system/storage/usable_places.hpp"

#include <pwd.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> split_path(std::string_view text) {
    std::vector<fs::path> folders;
    while (!text.empty()) {
        auto colon = text.find(':');
        auto folder = text.substr(0, colon);
        // An empty or relative entry means the working folder, from which a python3 is not meant to run.
        if (!folder.empty() && folder.front() == '/')
            folders.emplace_back(folder);
        if (colon == std::string_view::npos)
            break;
        text.remove_prefix(colon + 1);
    }
    return folders;
}

// The home folder of this user as the system knows it; empty where it does not.
std::string home_of_user() {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> buffer(16384);
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return {};
    return found->pw_dir;
}

} // namespace

search_context make_search_context(const variable_map& variables, const fs::path& working_folder) {
    auto value_of = [&variables](const std::string& name) {
        auto it = variables.find(name);
        return it == variables.end() ? std::string{} : it->second;
    };
    // The XDG base directory specification has relative paths ignored; ours are the same.
    auto folder_in = [&value_of](const std::string& name, const fs::path& fallback) {
        fs::path folder{value_of(name)};
        return folder.is_absolute() ? folder : fallback;
    };
    search_context context;
    context.path = split_path(value_of("PATH"));
    context.system_folders = {"/usr/bin", "/usr/local/bin"};
    context.system_python = "/usr/bin/python3";
    context.home = folder_in("HOME", "/");
    context.writable_home = usable_home(context.home);
    context.pyenv_root = folder_in("PYENV_ROOT", context.home / ".pyenv");
    context.pyenv_version = value_of("PYENV_VERSION");
    context.data_home = folder_in("XDG_DATA_HOME", context.home / ".local/share");
    context.cache_home = folder_in("XDG_CACHE_HOME", context.writable_home / ".cache");
    context.uv_python_folder = folder_in("UV_PYTHON_INSTALL_DIR", context.data_home / "uv/python");
    context.tools_folder = value_of("GESTVENV_TOOLS");
    context.working_folder = working_folder;
    return context;
}

search_context search_context_from_process() {
    variable_map variables;
    for (char** line = ::environ; line && *line; ++line) {
        std::string_view text{*line};
        if (auto equals = text.find('='); equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    if (variables["HOME"].empty()) // a service, or a container started without it
        variables["HOME"] = home_of_user();
    std::error_code gone; // a working folder that was removed: relative paths then fail by name
    return make_search_context(variables, fs::current_path(gone));
}

} // namespace gestvenv::python
