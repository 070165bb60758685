// SPDX-License-Identifier: MIT
#include "system/python/backends/installer_variables.hpp"

#include "system/python/backends/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace gestvenv::python {

namespace {

// What every tool gets: certificates, proxies and accounts, for the installers and for git; where settings
// and caches are, and where managers of compilers have theirs. Of git's, not what says where its repository
// is (GIT_DIR and others, set in its hooks): that leads elsewhere.
constexpr std::array<std::string_view, 42> passed_names{
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "ftp_proxy", "no_proxy", "NETRC", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_CACHE_HOME",
    "USER", "LOGNAME", "CARGO_HOME", "RUSTUP_HOME",
    // git's
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
    "GIT_ASKPASS", "GIT_TERMINAL_PROMPT", "GIT_PROXY_COMMAND", "GIT_ALLOW_PROTOCOL", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_SSL_*", "GIT_CONFIG_KEY_*",
    "GIT_CONFIG_VALUE_*", "GIT_HTTP_*"};

// Whether `name` is among `patterns`, of which one that ends in `*` stands for all names that begin so.
bool is_among(std::string_view name, std::span<const std::string_view> patterns) noexcept {
    return std::any_of(patterns.begin(), patterns.end(), [name](std::string_view pattern) {
        if (!pattern.ends_with('*'))
            return name == pattern;
        pattern.remove_suffix(1);
        return name.starts_with(pattern);
    });
}

// The system's programs first, so that a build does not depend on programs that shadow them. Then the
// caller's folders, for compilers that are installed elsewhere.
std::string search_path(const variable_map& callers) {
    std::string result{system_path};
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

} // namespace

bool leads_installer_elsewhere(std::string_view name) {
    const auto& backends = all_backends();
    return std::any_of(backends.begin(), backends.end(),
                       [name](const auto* one) { return is_among(name, one->variables().withheld); });
}

bool reaches_installer(std::string_view name) {
    if (leads_installer_elsewhere(name))
        return false;
    const auto& backends = all_backends();
    return is_among(name, passed_names) ||
           std::any_of(backends.begin(), backends.end(),
                       [name](const auto* one) { return is_among(name, one->variables().passed); });
}

bool may_be_named_for_installer(std::string_view name) {
    constexpr std::array<std::string_view, 7> of_programs{"PATH",   "VIRTUAL_ENV",  "BASH_ENV", "ENV",
                                                          "TMPDIR", "CONDA_PREFIX", "LANG"};
    return !leads_installer_elsewhere(name) && !is_among(name, of_programs) && !name.starts_with("PYTHON") &&
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

} // namespace gestvenv::python
