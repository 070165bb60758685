#include "system/python/installer_variables.hpp"

#include <algorithm>
#include <array>

namespace gestvenv::python {

namespace {

constexpr const char* system_path = "/usr/local/bin:/usr/bin:/bin";

// Certificates, proxies and accounts, for the installers and for git; and where settings and caches are.
constexpr std::array<std::string_view, 21> passed_names{
    "SSL_CERT_FILE",  "SSL_CERT_DIR",    "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",  "HTTP_PROXY",      "HTTPS_PROXY",        "ALL_PROXY",
    "NO_PROXY",       "http_proxy",      "https_proxy",     "all_proxy",          "no_proxy",
    "NETRC",          "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME",     "USER",
    "LOGNAME"};

constexpr std::array<std::string_view, 2> passed_prefixes{"PIP_", "UV_"};

// Of those, what would install somewhere else, install something else, run something else, or change the
// output.
constexpr std::array<std::string_view, 41> withheld_names{
    // where to
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_SRC", "PIP_PYTHON", "PIP_BREAK_SYSTEM_PACKAGES",
    "PIP_REQUIRE_VIRTUALENV", "PIP_DOWNLOAD", "PIP_DEST", "UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON",
    "UV_BREAK_SYSTEM_PACKAGES", "UV_PYTHON", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY", "UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON",
    // what
    "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_DRY_RUN", "PIP_UPGRADE", "PIP_IGNORE_INSTALLED",
    "PIP_FORCE_REINSTALL", "UV_DRY_RUN", "UV_ENV_FILE", "UV_LINK_MODE",
    // the output, which is read
    "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG", "PIP_REPORT", "PIP_PROGRESS_BAR", "PIP_NO_COLOR", "PIP_FORMAT",
    "UV_QUIET", "UV_VERBOSE", "UV_OUTPUT_FORMAT", "UV_LOG_CONTEXT"};

constexpr std::array<std::string_view, 4> withheld_prefixes{"UV_PYTHON_", "UV_TOOL_", "UV_INTERNAL_",
                                                            "UV_RUN_"};

// What a command may know of its user and terminal.
constexpr std::array<std::string_view, 5> user_names{"USER", "LOGNAME", "LANG", "TZ", "TERM"};

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t Count>
bool begins_with_one_of(std::string_view name, const std::array<std::string_view, Count>& prefixes) noexcept {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [name](auto prefix) { return name.starts_with(prefix); });
}

// Variables every process needs.
variable_map base_variables(const variable_map& callers, const variable_paths& paths) {
    variable_map result;
    if (!paths.home.empty())
        result["HOME"] = paths.home.string();
    else if (auto home = callers.find("HOME"); home != callers.end())
        result["HOME"] = home->second;
    if (!paths.temporary_folder.empty())
        result["TMPDIR"] = paths.temporary_folder.string();
    return result;
}

} // namespace

bool reaches_installer(std::string_view name) noexcept {
    if (is_one_of(name, withheld_names) || begins_with_one_of(name, withheld_prefixes))
        return false;
    return is_one_of(name, passed_names) || begins_with_one_of(name, passed_prefixes);
}

variable_map installer_variables(const variable_map& callers, const variable_paths& paths) {
    auto result = base_variables(callers, paths);
    for (const auto& [name, value] : callers) {
        if (reaches_installer(name))
            result.emplace(name, value);
    }
    result["PATH"] = system_path; // git, and compilers for what is built from source
    // Neither pip nor uv speaks other languages, what they run does; the encoding must hold file names.
    result["LANG"] = "C.UTF-8";
    return result;
}

variable_map command_variables(const variable_map& callers, const variable_paths& paths) {
    auto result = base_variables(callers, paths);
    for (const auto& [name, value] : callers) {
        if (is_one_of(name, user_names) || name.starts_with("LC_"))
            result.emplace(name, value);
    }
    result.emplace("LANG", "C.UTF-8"); // without any, Python before 3.7 takes file names for ASCII
    result["PATH"] = path_in_environment(paths, system_path);
    result["VIRTUAL_ENV"] = paths.venv_path.string();
    if (!paths.prompt.empty())
        result["VIRTUAL_ENV_PROMPT"] = paths.prompt;
    return result;
}

std::string path_in_environment(const variable_paths& paths, std::string_view path) {
    const auto bin = (paths.venv_path / "bin").string();
    // Given by who has it from a command of this environment, perhaps: once is enough.
    if (path.starts_with(bin) && (path.size() == bin.size() || path[bin.size()] == ':'))
        path.remove_prefix(std::min(bin.size() + 1, path.size()));
    auto result = bin;
    if (!paths.notices.empty())
        result += ":" + paths.notices.string();
    return path.empty() ? result : result + ":" + std::string{path};
}

} // namespace gestvenv::python
