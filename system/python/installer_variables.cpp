// SPDX-License-Identifier: MIT
#include "system/python/installer_variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gestvenv::python {

namespace {

constexpr const char* system_path = "/usr/local/bin:/usr/bin:/bin";

// Certificates, proxies and accounts, for the installers and for git; where settings and caches are, and
// where managers of compilers have theirs.
constexpr std::array<std::string_view, 52> passed_names{
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "ftp_proxy", "no_proxy", "NETRC", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_CACHE_HOME",
    "USER", "LOGNAME", "CARGO_HOME", "RUSTUP_HOME",
    // git's; what says where its repository is (GIT_DIR and others, set in its hooks) leads elsewhere
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
    "GIT_ASKPASS", "GIT_TERMINAL_PROMPT", "GIT_PROXY_COMMAND", "GIT_ALLOW_PROTOCOL", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
    // poetry's and pdm's
    "POETRY_CACHE_DIR", "POETRY_CONFIG_DIR", "POETRY_SYSTEM_GIT_CLIENT", "PDM_CACHE_DIR", "PDM_NO_CACHE",
    "PDM_CONFIG_FILE", "PDM_IGNORE_STORED_INDEX", "PDM_REQUEST_TIMEOUT", "PDM_RESOLVE_MAX_ROUNDS",
    "PDM_BUILD_ISOLATION", "PDM_NO_BINARY", "PDM_ONLY_BINARY", "PDM_PREFER_BINARY", "PDM_INSTALL_PARALLEL"};

constexpr std::array<std::string_view, 12> passed_prefixes{"PIP_",
                                                           "UV_",
                                                           "GIT_SSL_",
                                                           "GIT_CONFIG_KEY_",
                                                           "GIT_CONFIG_VALUE_",
                                                           "GIT_HTTP_",
                                                           "PDM_PYPI_",
                                                           "POETRY_HTTP_BASIC_",
                                                           "POETRY_CERTIFICATES_",
                                                           "POETRY_REPOSITORIES_",
                                                           "POETRY_REQUESTS_",
                                                           "POETRY_INSTALLER_"};

// Of those, what would install somewhere else, install something else, run something else, or change the
// output.
constexpr std::array<std::string_view, 79> withheld_names{
    // where to
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_SRC", "PIP_SOURCE", "PIP_SOURCE_DIR",
    "PIP_SOURCE_DIRECTORY", "PIP_PYTHON", "PIP_BREAK_SYSTEM_PACKAGES", "PIP_REQUIRE_VIRTUALENV",
    "PIP_REQUIRE_VENV", "PIP_DOWNLOAD", "PIP_DEST", "PIP_PLATFORM", "PIP_PYTHON_VERSION",
    "PIP_IMPLEMENTATION", "PIP_ABI", "UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES",
    "UV_PYTHON", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY",
    "UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON",
    // what
    "PIP_REQUIREMENT", "PIP_REQUIREMENTS_FROM_SCRIPT", "PIP_GROUP", "PIP_EDITABLE", "PIP_DRY_RUN",
    "PIP_UPGRADE", "PIP_IGNORE_INSTALLED", "PIP_FORCE_REINSTALL", "PIP_NO_DEPS", "PIP_NO_DEPENDENCIES",
    "UV_DRY_RUN", "UV_ENV_FILE", "UV_NO_ENV_FILE", "UV_LINK_MODE", "UV_DEV", "UV_NO_DEV", "UV_NO_GROUP",
    "UV_NO_DEFAULT_GROUPS", "UV_NO_EDITABLE", "UV_FROZEN", "UV_LOCKED", "UV_NO_SYNC", "UV_ISOLATED",
    "UV_NO_PROJECT", "UV_NO_DEPS", "UV_UPGRADE", "UV_REINSTALL",
    // the output, which is read
    "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG", "PIP_LOG_FILE", "PIP_LOCAL_LOG", "PIP_REPORT", "PIP_PROGRESS_BAR",
    "PIP_COLOR", "PIP_NO_COLOR", "PIP_FORMAT", "PIP_OUTDATED", "PIP_UPTODATE", "PIP_NOT_REQUIRED",
    "PIP_LOCAL", "PIP_PATH", "PIP_EXCLUDE", "PIP_EXCLUDE_EDITABLE", "UV_QUIET", "UV_VERBOSE",
    "UV_OUTPUT_FORMAT", "UV_LOG_CONTEXT", "UV_SHOW_RESOLUTION", "UV_NO_PROGRESS"};

constexpr std::array<std::string_view, 9> withheld_prefixes{"UV_PYTHON_",    "UV_TOOL_",       "UV_INTERNAL_",
                                                            "UV_RUN_",       "UV_NO_INSTALL_", "UV_INIT_",
                                                            "UV_INSTALLER_", "UV_VENV_",       "UV_PUBLISH_"};

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

// The system's programs first, so that a build does not depend on programs that shadow them. Then the
// caller's folders, for compilers that are installed elsewhere.
std::string search_path(const variable_map& callers) {
    std::string result = system_path;
    auto path = callers.find("PATH");
    std::string_view rest = path == callers.end() ? std::string_view{} : std::string_view{path->second};
    while (!rest.empty()) {
        auto folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
        auto known = fmt::format(":{}:", result);
        if (folder.starts_with('/') && known.find(fmt::format(":{}:", folder)) == std::string::npos)
            result += fmt::format(":{}", folder);
    }
    return result;
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

bool leads_installer_elsewhere(std::string_view name) noexcept {
    return is_one_of(name, withheld_names) || begins_with_one_of(name, withheld_prefixes);
}

bool reaches_installer(std::string_view name) noexcept {
    if (leads_installer_elsewhere(name))
        return false;
    return is_one_of(name, passed_names) || begins_with_one_of(name, passed_prefixes);
}

bool may_be_named_for_installer(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 7> of_programs{"PATH",   "VIRTUAL_ENV",  "BASH_ENV", "ENV",
                                                          "TMPDIR", "CONDA_PREFIX", "LANG"};
    return !leads_installer_elsewhere(name) && !is_one_of(name, of_programs) && !name.starts_with("PYTHON") &&
           !name.starts_with("LD_");
}

variable_map installer_variables(const variable_map& callers, const variable_paths& paths) {
    auto result = base_variables(callers, paths);
    for (const auto& [name, value] : callers) {
        if (reaches_installer(name))
            result.emplace(name, value);
    }
    result["PATH"] = search_path(callers); // git, and compilers for what is built from source
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
