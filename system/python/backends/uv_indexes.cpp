// SPDX-License-Identifier: MIT
#include "system/python/backends/uv_indexes.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/backends/project.hpp"
#include "system/python/backends/uv_configuration.hpp"
#include "system/python/backends/uv_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_lock = 16 << 20;

bool is_configured(const backend_request& request, const fs::path& system_folder) {
    const auto files = uv_configuration_files(request.variables, system_folder);
    return std::any_of(files.begin(), files.end(), [&request](const auto& file) {
        std::error_code ignored; // a file that cannot be looked at cannot be read by uv either
        return fs::exists(request.working_folder / file, ignored);
    });
}

void forget_indexes(pip_settings& pip) {
    pip.index_url.clear();
    pip.extra_index_urls.clear();
    pip.find_links.clear();
    pip.no_index = false;
}

// `registry = "https://..."`, which a lock has without an account.
std::set<std::string> registries_in(std::string_view lock) {
    constexpr std::string_view label = "registry = \"";
    std::set<std::string> registries;
    for (auto begin = lock.find(label); begin != std::string_view::npos; begin = lock.find(label, begin)) {
        begin += label.size();
        registries.emplace(lock.substr(begin, lock.find('"', begin) - begin));
    }
    return registries;
}

struct address {
    /// With the `@` behind it; empty where there is none.
    std::string account;
    /// Without the account, and without slashes at its end.
    std::string rest;
};

address parts_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {{}, std::string{url}}; // a folder
    const auto begin = scheme + 3;
    auto at = url.substr(begin, url.find('/', begin) - begin).rfind('@');
    const auto account = at == std::string_view::npos ? 0 : at + 1;
    address parts{std::string{url.substr(begin, account)},
                  fmt::format("{}{}", url.substr(0, begin), url.substr(begin + account))};
    while (parts.rest.ends_with('/'))
        parts.rest.pop_back();
    return parts;
}

// Indexes of pip's with an account that the lock names, as it spells them: in any other way uv finds that it
// has to be made again.
std::vector<std::string> accounts_for(const pip_settings& pip, const std::set<std::string>& registries) {
    auto known = pip.extra_index_urls;
    known.insert(known.begin(), pip.index_url);
    std::vector<std::string> indexes;
    for (const auto& url : known) {
        const auto [account, place] = parts_of(url);
        for (const auto& registry : registries)
            if (!account.empty() && parts_of(registry).rest == place)
                indexes.push_back(std::string{registry}.insert(registry.find("://") + 3, account));
    }
    return indexes;
}

// A lock says where everything comes from; who may have it is left to say.
void keep_accounts(pip_settings& pip, const fs::path& lock) {
    auto text = read_regular_file(lock, largest_lock);
    auto indexes = text ? accounts_for(pip, registries_in(*text)) : std::vector<std::string>{};
    forget_indexes(pip);
    pip.extra_index_urls = std::move(indexes);
}

} // namespace

pip_settings pip_settings_beside_uv(const backend_request& request, const fs::path& system_folder) {
    auto pip =
        read_pip_settings(request.variables, pip_configuration_files(request.variables, system_folder));
    const auto lock = request.project ? find_lock(*request.project, "uv.lock") : fs::path{};
    const auto named = indexes_of_project(
        request.variables, request.project ? fs::path{request.project->folder} : request.working_folder);
    const bool is_locked = !lock.empty();
    if (is_configured(request, system_folder) || (!is_locked && named.has_default)) {
        forget_indexes(pip);
    } else if (is_locked) {
        keep_accounts(pip, lock);
    } else {
        const bool in_file = request.summary.names_index;
        if (in_file)
            pip.index_url.clear();
        if (in_file || named.has_further)
            pip.extra_index_urls.clear();
    }
    return pip;
}

} // namespace gestvenv::python
