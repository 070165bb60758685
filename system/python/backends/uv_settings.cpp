// SPDX-License-Identifier: MIT
#include "system/python/backends/uv_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 5> index_variables{"UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL",
                                                     "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"};

bool exists(const std::string& link) {
    if (link.find("://") != std::string::npos)
        return true;
    std::error_code ignored; // what cannot be looked at cannot be read
    return fs::exists(link, ignored);
}

void set_index(variable_map& variables, const pip_settings& pip) {
    if (!pip.index_url.empty())
        variables["UV_DEFAULT_INDEX"] = pip.index_url;
    if (!pip.extra_index_urls.empty())
        variables["UV_INDEX"] = fmt::format("{}", fmt::join(pip.extra_index_urls, " "));
    std::vector<std::string> links;
    std::copy_if(pip.find_links.begin(), pip.find_links.end(), std::back_inserter(links), exists);
    if (!links.empty())
        variables["UV_FIND_LINKS"] = fmt::format("{}", fmt::join(links, ","));
}

// pip asks these in this order; uv knows only SSL_CERT_FILE and SSL_CERT_DIR.
void set_certificates(variable_map& variables, const pip_settings& pip) {
    if (variables.contains("SSL_CERT_FILE") || variables.contains("SSL_CERT_DIR"))
        return;
    auto certificates = pip.certificates;
    for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        if (auto it = variables.find(name); certificates.empty() && it != variables.end())
            certificates = it->second;
    }
    if (certificates.empty())
        return;
    std::error_code ignored;
    variables[fs::is_directory(certificates, ignored) ? "SSL_CERT_DIR" : "SSL_CERT_FILE"] = certificates;
}

void set_proxy(variable_map& variables, const pip_settings& pip) {
    if (pip.proxy.empty())
        return;
    for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
        if (variables.contains(name))
            return;
    }
    auto url = pip.proxy.find("://") == std::string::npos ? "http://" + pip.proxy : pip.proxy;
    variables["HTTPS_PROXY"] = url;
    variables.emplace("HTTP_PROXY", url);
}

} // namespace

std::vector<fs::path> uv_configuration_files(const variable_map& variables, const fs::path& system_folder) {
    std::vector<fs::path> files;
    auto value_of = [&variables](const char* name) {
        auto it = variables.find(name);
        return it == variables.end() ? std::string{} : it->second;
    };
    if (auto file = value_of("UV_CONFIG_FILE"); !file.empty())
        files.emplace_back(file);
    fs::path configuration = value_of("XDG_CONFIG_HOME");
    if (!configuration.is_absolute())
        configuration = value_of("HOME").empty() ? fs::path{} : fs::path{value_of("HOME")} / ".config";
    if (!configuration.empty())
        files.push_back(configuration / "uv/uv.toml");
    files.push_back(system_folder / "xdg/uv/uv.toml");
    files.push_back(system_folder / "uv/uv.toml");
    return files;
}

variable_map with_pip_settings(variable_map variables, const pip_settings& pip) {
    auto is_set = [&variables](const char* name) { return variables.contains(name); };
    if (std::none_of(index_variables.begin(), index_variables.end(), is_set))
        set_index(variables, pip);
    set_certificates(variables, pip);
    set_proxy(variables, pip);
    if (!pip.trusted_hosts.empty())
        variables.emplace("UV_INSECURE_HOST", fmt::format("{}", fmt::join(pip.trusted_hosts, " ")));
    if (!pip.constraints.empty())
        variables.emplace("UV_CONSTRAINT", fmt::format("{}", fmt::join(pip.constraints, " ")));
    if (!pip.client_certificate.empty())
        variables.emplace("SSL_CLIENT_CERT", pip.client_certificate);
    // pip takes fractions of a second, uv does not.
    if (!pip.timeout.empty() && pip.timeout.find_first_not_of("0123456789") == std::string::npos)
        variables.emplace("UV_HTTP_TIMEOUT", pip.timeout);
    return variables;
}

} // namespace gestvenv::python
