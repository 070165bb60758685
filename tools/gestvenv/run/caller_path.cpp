// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/caller_path.hpp"

#include "system/python/executable_file.hpp"
#include "system/python/pyenv.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <sys/stat.h>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

constexpr std::string_view system_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view value_of(const variable_map& variables, const std::string& name) {
    auto found = variables.find(name);
    return found == variables.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view without_slashes(std::string_view folder) {
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.remove_suffix(1);
    return folder;
}

/// `..` is left to the kernel: the folder may be a link to a `bin` elsewhere.
bool is_bin_of_virtual_environment(const files::path& folder) {
    struct stat found {};
    return ::stat((folder.native() + "/../pyvenv.cfg").c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

/// The folders that `activate` of virtualenv and of conda (CONDA_PREFIX, and CONDA_PREFIX_1 and so on below
/// it) has put in front.
std::vector<std::string> activated_folders(const variable_map& callers) {
    std::vector<std::string> folders;
    for (const auto& [name, value] : callers)
        if (!value.empty() &&
            (name == "VIRTUAL_ENV" || name == "CONDA_PREFIX" || name.starts_with("CONDA_PREFIX_")))
            folders.push_back(std::string{without_slashes(value)} + "/bin");
    return folders;
}

struct toolchain {
    /// The variable, and where it is without it, below HOME.
    const char* variable;
    const char* fallback;
};

// Those that leave programs, or shims of them, below that folder and put them on PATH.
constexpr std::array toolchains{toolchain{"CARGO_HOME", ".cargo"},
                                toolchain{"PYENV_ROOT", ".pyenv"},
                                toolchain{"NVM_DIR", ".nvm"},
                                toolchain{"FNM_DIR", ".local/share/fnm"},
                                toolchain{"VOLTA_HOME", ".volta"},
                                toolchain{"ASDF_DATA_DIR", ".asdf"},
                                toolchain{"MISE_DATA_DIR", ".local/share/mise"},
                                toolchain{"RBENV_ROOT", ".rbenv"},
                                toolchain{"NODENV_ROOT", ".nodenv"},
                                toolchain{"GOENV_ROOT", ".goenv"},
                                toolchain{"JENV_ROOT", ".jenv"},
                                toolchain{"SDKMAN_DIR", ".sdkman"},
                                toolchain{"GHCUP_INSTALL_BASE_PREFIX", ".ghcup"},
                                toolchain{"BUN_INSTALL", ".bun"}};

bool has_folder_below(std::string_view path, std::string_view root) {
    auto entries = entries_of(path);
    return std::any_of(entries.begin(), entries.end(), [root](std::string_view entry) {
        return entry.size() > root.size() && entry.starts_with(root) && entry[root.size()] == '/';
    });
}

std::string location_of(const toolchain& one, const variable_map& callers, const files::path& home) {
    auto named = value_of(callers, one.variable);
    return named.empty() ? (home / one.fallback).native() : std::string{without_slashes(named)};
}

/// rustup's programs lie in CARGO_HOME, or come with the distribution; its toolchains are elsewhere.
void add_rustup(variable_map& found, const variable_map& callers, const files::path& home,
                std::string_view path) {
    const auto location = location_of({"RUSTUP_HOME", ".rustup"}, callers, home);
    struct stat status {};
    if (::stat(location.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return;
    auto entries = entries_of(path);
    auto has_rustup = [](std::string_view entry) {
        return !entry.empty() && python::is_executable_file(files::path{entry} / "rustup");
    };
    if (found.count("CARGO_HOME") == 0 && std::none_of(entries.begin(), entries.end(), has_rustup))
        return;
    found.emplace("RUSTUP_HOME", location);
    found.emplace("CARGO_HOME", location_of({"CARGO_HOME", ".cargo"}, callers, home));
}

std::string beginning_of(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::array<char, 512> text{};
    stream.read(text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(stream.gcount())};
}

bool is_name_of_python(std::string_view file) {
    auto name = file.substr(file.rfind('/') + 1);
    return name.starts_with("python") || name.starts_with("pypy");
}

} // namespace

std::vector<std::string_view> entries_of(std::string_view path) {
    std::vector<std::string_view> entries;
    if (path.empty())
        return entries;
    while (true) {
        auto colon = path.find(':');
        entries.push_back(path.substr(0, colon));
        if (colon == std::string_view::npos)
            return entries;
        path.remove_prefix(colon + 1);
    }
}

std::string path_for_command(const variable_map& callers, const files::path& folder) {
    const auto activated = activated_folders(callers);
    std::string path;
    bool any = false;
    for (auto entry : entries_of(value_of(callers, "PATH"))) {
        auto plain = without_slashes(entry);
        if (std::find(activated.begin(), activated.end(), plain) != activated.end() ||
            (!entry.empty() && is_bin_of_virtual_environment(folder / entry)))
            continue;
        // An empty entry, which is the working folder, stays one.
        path.append(any ? ":" : "").append(entry);
        any = true;
    }
    return path.empty() ? std::string{system_path} : path;
}

variable_map toolchain_variables(const variable_map& callers, const files::path& home,
                                 std::string_view path) {
    variable_map found;
    for (const auto& one : toolchains)
        if (auto location = location_of(one, callers, home); has_folder_below(path, location))
            found.emplace(one.variable, std::move(location));
    add_rustup(found, callers, home, path);
    // Which of pyenv's versions its shims mean.
    if (auto version = callers.find("PYENV_VERSION");
        version != callers.end() && found.count("PYENV_ROOT") != 0)
        found.insert(*version);
    return found;
}

bool is_on_path(std::string_view program, std::string_view path, const files::path& folder) {
    auto entries = entries_of(path);
    return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) {
        return python::is_executable_file(folder / entry / program);
    });
}

std::optional<std::string> python_named_by(std::string_view script) {
    if (!script.starts_with("#!"))
        return std::nullopt;
    auto end = std::min(script.find('\n'), script.size());
    auto line = script.substr(2, end - 2);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    auto interpreter = line.substr(0, line.find_first_of(" \t\r"));
    if (interpreter.starts_with('/') && is_name_of_python(interpreter))
        return std::string{interpreter};
    // A path that is too long for a first line, or has spaces in it, stands in the second, read by a shell.
    constexpr std::string_view second_line = "'''exec' ";
    auto rest = script.substr(std::min(end + 1, script.size()));
    if (!interpreter.ends_with("sh") || !rest.starts_with(second_line))
        return std::nullopt;
    rest.remove_prefix(second_line.size());
    const char until = rest.starts_with('"') ? '"' : ' ';
    if (until == '"')
        rest.remove_prefix(1);
    interpreter = rest.substr(0, rest.find(until));
    return is_name_of_python(interpreter) ? std::optional{std::string{interpreter}} : std::nullopt;
}

std::optional<outer_script> find_outer_script(std::string_view program, std::string_view path,
                                              const files::path& folder,
                                              const python::search_context& context) {
    for (auto entry : entries_of(path)) {
        auto file = folder / entry / program;
        if (!python::is_executable_file(file))
            continue;
        if (python::is_pyenv_shim(file, context)) {
            auto resolved = python::resolve_pyenv_shim(program, context);
            if (!resolved)
                return std::nullopt;
            file = std::move(*resolved);
        }
        auto interpreter = python_named_by(beginning_of(file));
        if (!interpreter)
            return std::nullopt;
        return outer_script{std::move(file), std::move(*interpreter)};
    }
    return std::nullopt;
}

} // namespace gestvenv::cli
