// SPDX-License-Identifier: MIT
#include "system/python/installed_interpreters.hpp"

#include "system/python/executable_file.hpp"
#include "system/python/pyenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// Names are tried up to here: looking for 25 names is cheaper than reading a folder of 2,000.
constexpr int newest_minor = 30;

// The version in a name such as `python3.12`; nothing for `python3`, `python3-config` and others.
std::optional<interpreter_version> version_in_name(const fs::path& file) {
    constexpr std::string_view prefix = "python";
    auto name = file.filename().string();
    if (!name.starts_with(prefix))
        return std::nullopt;
    return parse_interpreter_version(std::string_view{name}.substr(prefix.size()));
}

bool is_interpreter_name(const fs::path& file) {
    auto name = file.filename().string();
    return name == "python" || name == "python3" || version_in_name(file);
}

// `home` of a virtual environment's pyvenv.cfg: the folder of the interpreter it was made from.
std::optional<fs::path> home_of_environment(const fs::path& folder) {
    std::ifstream file{folder.parent_path() / "pyvenv.cfg"};
    std::string line;
    while (std::getline(file, line)) {
        auto equals = line.find('=');
        if (equals == std::string::npos)
            continue;
        auto trimmed = [](std::string_view text) {
            auto first = text.find_first_not_of(" \t");
            auto last = text.find_last_not_of(" \t\r");
            return first == std::string_view::npos ? std::string_view{}
                                                   : text.substr(first, last - first + 1);
        };
        if (trimmed(std::string_view{line}.substr(0, equals)) == "home")
            return fs::path{trimmed(std::string_view{line}.substr(equals + 1))};
    }
    return std::nullopt;
}

class collector {
public:
    void add_folder(fs::path folder) {
        if (auto home = home_of_environment(folder))
            folder = *home;
        std::error_code ignored; // what is not there has nothing in it
        auto canonical = fs::canonical(folder, ignored);
        if (ignored || !folders_.insert(canonical).second)
            return;
        add(folder / "python3", std::nullopt);
        for (int minor = newest_minor; minor >= oldest_interpreter.minor; --minor)
            add(folder / fmt::format("python3.{}", minor), interpreter_version{3, minor, std::nullopt});
    }

    // `version` is what the place tells; a link's target may tell it as well.
    void add(const fs::path& file, std::optional<interpreter_version> version, bool preview = false) {
        if (!is_binary_program(file)) // a shim is a script
            return;
        std::error_code problem;
        auto target = fs::canonical(file, problem);
        if (problem || !is_interpreter_name(target)) // a wrapper that looks at the name it was called by
            return;
        auto real = version_in_name(target);
        if (real && !version)
            version = real;
        if (real && version && (real->major != version->major || real->minor != version->minor))
            version = real; // the file is what it is, whatever its link is called
        if (version && *version < oldest_interpreter)
            return;
        auto [known, is_new] = targets_.emplace(target, found_.size());
        if (is_new)
            found_.push_back({home_path(file, target), version, preview});
        else if (auto& earlier = found_[known->second].version;
                 version && version->patch && !(earlier && earlier->patch))
            earlier = version; // the same file in a place that tells more
    }

    std::vector<interpreter_candidate> take() { return std::move(found_); }

private:
    // A link beside its target (`python3` to `python3.11`) keeps its name. One from elsewhere is replaced by
    // what it points to: an environment made through it would record a `home` without a standard library
    // above it.
    static fs::path home_path(const fs::path& file, const fs::path& target) {
        std::error_code problem;
        auto folder = fs::canonical(file.parent_path(), problem);
        return !problem && folder == target.parent_path() ? file : target;
    }

    std::set<fs::path> folders_;
    std::map<fs::path, std::size_t> targets_;
    std::vector<interpreter_candidate> found_;
};

// The release that a text such as `3.14.0rc1` leads to has not been made yet.
bool is_preview(std::string_view version) {
    return version.find_first_not_of("0123456789.") != std::string_view::npos;
}

// `cpython-3.12.3-linux-x86_64-gnu` as uv names its folders; links and other builds (`3.13.0+freethreaded`)
// are not.
std::string_view version_text_of_uv_folder(std::string_view name) {
    constexpr std::string_view prefix = "cpython-";
    if (!name.starts_with(prefix) || name.find('+') != std::string_view::npos)
        return {};
    name.remove_prefix(prefix.size());
    return name.substr(0, name.find('-'));
}

} // namespace

std::vector<interpreter_candidate> installed_interpreters(const search_context& context) {
    collector all;
    // First, so that the name by which everybody calls it is the one that is probed and recorded.
    all.add(context.system_python, std::nullopt);
    for (const auto& folder : context.path)
        all.add_folder(folder);
    for (const auto& folder : context.system_folders)
        all.add_folder(folder);
    for (const auto& installation : pyenv_installations(context))
        all.add(installation.prefix / "bin/python", installation.version,
                is_preview(installation.prefix.filename().string()));
    std::error_code ignored; // no uv: no folder
    std::vector<std::pair<interpreter_version, fs::path>> managed;
    for (const auto& entry : fs::directory_iterator{context.uv_python_folder, ignored}) {
        auto name = entry.path().filename().string();
        auto version = parse_interpreter_version(version_text_of_uv_folder(name));
        if (version && version->patch)
            managed.emplace_back(*version, entry.path());
    }
    std::sort(managed.rbegin(), managed.rend());
    for (const auto& [version, prefix] : managed)
        all.add(prefix / "bin" / fmt::format("python{}.{}", version.major, version.minor), version,
                is_preview(version_text_of_uv_folder(prefix.filename().string())));
    return all.take();
}

std::optional<interpreter_candidate> interpreter_at(const fs::path& file) {
    collector one;
    auto home = home_of_environment(file.parent_path());
    if (!home) {
        one.add(file, std::nullopt);
    } else {
        // The folder may have it by one of several names.
        one.add(*home / "python3", std::nullopt);
        one.add(*home / "python", std::nullopt);
        one.add_folder(*home);
    }
    auto found = one.take();
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::optional<fs::path> first_on_path(const search_context& context) {
    constexpr std::string_view name = "python3";
    for (const auto& folder : context.path) {
        auto file = folder / name;
        if (!is_executable_file(file))
            continue;
        if (is_pyenv_shim(file, context)) {
            auto resolved = resolve_pyenv_shim(name, context);
            if (!resolved)
                continue; // pyenv leaves it to the rest of PATH
            file = *resolved;
        }
        if (auto found = interpreter_at(file))
            return found->executable;
    }
    return std::nullopt;
}

} // namespace gestvenv::python
