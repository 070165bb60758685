// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/script_packages.hpp"

#include "system/python/installed_distributions.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/run/caller_variables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

install_context context_with_sources(const declared_script& script) {
    install_context context;
    context.variables = variables_with_sources(script, variables_of_this_process());
    std::error_code gone; // then the environment's own folder counts
    context.folder = files::current_path(gone).string();
    return context;
}

/// `1.2.3` as its numbers; nothing for what has more than that: the order of pre-releases and the like is an
/// installer's to know.
std::optional<std::vector<std::uint64_t>> numbers_of(std::string_view version) {
    std::vector<std::uint64_t> numbers;
    while (true) {
        std::uint64_t number = 0;
        const auto [end, problem] = std::from_chars(version.data(), version.data() + version.size(), number);
        if (problem != std::errc{})
            return std::nullopt;
        numbers.push_back(number);
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        if (version.empty())
            return numbers;
        if (version.front() != '.')
            return std::nullopt;
        version.remove_prefix(1);
    }
}

std::strong_ordering compare(std::vector<std::uint64_t> a, std::vector<std::uint64_t> b) {
    const auto size = std::max(a.size(), b.size());
    a.resize(size);
    b.resize(size);
    return a <=> b;
}

bool begins_with(std::vector<std::uint64_t> version, const std::vector<std::uint64_t>& prefix) {
    version.resize(std::max(version.size(), prefix.size()));
    return std::equal(prefix.begin(), prefix.end(), version.begin());
}

/// PEP 440, for releases alone.
bool may_fit(std::string_view installed, const python::version_clause& clause) {
    if (clause.comparison == "===")
        return installed == clause.version;
    std::string_view wanted{clause.version};
    const bool prefix = wanted.ends_with(".*");
    if (prefix)
        wanted.remove_suffix(2);
    const auto have = numbers_of(installed.substr(0, installed.find('+')));
    const auto want = numbers_of(wanted);
    if (!have || !want)
        return true;
    const auto order = compare(*have, *want);
    if (clause.comparison == "==")
        return prefix ? begins_with(*have, *want) : order == 0;
    if (clause.comparison == "!=")
        return prefix ? !begins_with(*have, *want) : order != 0;
    if (clause.comparison == "~=")
        return order >= 0 && begins_with(*have, {want->begin(), want->end() - 1});
    if (clause.comparison == ">=")
        return order >= 0;
    if (clause.comparison == "<=")
        return order <= 0;
    return clause.comparison == ">" ? order > 0 : order < 0;
}

/// Puts `items` behind what the variable has, or where it is not set, `other`, a list with spaces.
void append(std::map<std::string, std::string>& variables, const std::string& name, const std::string& other,
            char between, const std::vector<std::string>& items) {
    if (items.empty())
        return;
    std::string all;
    if (auto own = variables.find(name); own != variables.end()) {
        all = own->second;
    } else if (auto pips = variables.find(other); pips != variables.end()) {
        all = pips->second;
        std::replace(all.begin(), all.end(), ' ', between);
    }
    for (const auto& item : items)
        all += (all.empty() ? "" : std::string(1, between)) + item;
    variables[name] = all;
}

void warn_of_python(const environment_info& made, const declared_script& script) {
    const auto& range = script.metadata.python;
    const auto version = python::parse_interpreter_version(made.python_version);
    if (range && version && fit(*version, *range) == python::range_fit::no)
        print_warning(fmt::format("Python {} of {} does not fit requires-python {} of {}",
                                  made.python_version, made.name, range->text, script.name));
}

} // namespace

std::map<std::string, std::string> variables_with_sources(const declared_script& script,
                                                          std::map<std::string, std::string> variables) {
    const auto& sources = script.metadata.sources;
    auto is_set = [&variables](std::string_view name) { return variables.contains(std::string{name}); };
    // A URL may hold a `=` too.
    auto url_of = [](const std::string& index) {
        const auto equals = index.find('=');
        return equals < index.find("://") ? index.substr(equals + 1) : index;
    };
    // uv takes pip's settings only where none of its own are there, so that they have to be among these.
    if (!is_set("UV_DEFAULT_INDEX") && !is_set("UV_INDEX_URL")) {
        const auto of_pip = variables.find("PIP_INDEX_URL");
        const auto& wanted = of_pip == variables.end() ? sources.default_index : of_pip->second;
        if (!wanted.empty())
            variables.emplace("UV_DEFAULT_INDEX", wanted);
        if (of_pip == variables.end() && !sources.default_index.empty())
            variables.emplace("PIP_INDEX_URL", url_of(sources.default_index));
    }
    std::vector<std::string> urls;
    for (const auto& index : sources.indexes)
        urls.push_back(url_of(index));
    append(variables, "UV_INDEX", "PIP_EXTRA_INDEX_URL", ' ', sources.indexes);
    append(variables, "PIP_EXTRA_INDEX_URL", {}, ' ', urls);
    auto links = sources.find_links;
    for (auto& link : links)
        if (link.find("://") == std::string::npos)
            link = (script.folder / link).lexically_normal().string();
    append(variables, "UV_FIND_LINKS", "PIP_FIND_LINKS", ',', links);
    append(variables, "PIP_FIND_LINKS", {}, ' ', links);
    if (!sources.exclude_newer.empty())
        variables.emplace("UV_EXCLUDE_NEWER", sources.exclude_newer);
    return variables;
}

outcome<void> add_packages(environment_spec& environment, const declared_script& script, backend usual) {
    const auto& declared = script.metadata.dependencies;
    if (declared.empty())
        return {};
    environment.packages.insert(environment.packages.end(), declared.begin(), declared.end());
    const auto& sources = script.metadata.sources;
    if (sources.empty())
        return {};
    const auto chosen = environment.package_backend.value_or(usual);
    const bool follows = chosen == backend::uv || chosen == backend::automatic ||
                         (chosen == backend::pip && sources.exclude_newer.empty());
    if (!follows)
        return bad_value(fmt::format("{} says in tool.uv where its packages come from, and backend {} cannot "
                                     "follow that",
                                     script.name, to_string(chosen)),
                         "--backend uv");
    environment.install_context = context_with_sources(script);
    return {};
}

std::vector<std::string> missing_dependencies(const std::vector<std::string>& dependencies,
                                              const std::map<std::string, std::string>& installed) {
    std::vector<std::string> missing;
    for (const auto& text : dependencies) {
        const auto wanted = python::parse_requirement(text);
        if (!wanted || !wanted->marker.empty())
            continue;
        const auto found = installed.find(python::normalized_name(wanted->name));
        const bool fits = found != installed.end() &&
                          std::all_of(wanted->specifiers.begin(), wanted->specifiers.end(),
                                      [&](const auto& clause) { return may_fit(found->second, clause); });
        if (!fits)
            missing.push_back(text);
    }
    return missing;
}

outcome<void> provide_packages(environment& where, const environment_info& made,
                               const declared_script& script, bool install) {
    warn_of_python(made, script);
    const auto& declared = script.metadata.dependencies;
    if (declared.empty())
        return {};
    auto installed = python::installed_versions(made.host_path / "venv");
    if (!installed)
        return failure(std::move(installed).error());
    const auto missing = missing_dependencies(declared, *installed);
    if (missing.empty())
        return {};
    if (!install)
        return bad_value(
            fmt::format("{} needs {}, which {} has not", script.name, fmt::join(missing, ", "), made.name),
            fmt::format("gestvenv ephemeral install {} '{}', or run --env {} --install", made.name,
                        fmt::join(missing, "' '"), made.name));
    install_request request;
    request.packages = declared;
    if (!script.metadata.sources.empty())
        request.install_context = context_with_sources(script);
    with_progress(fmt::format("installing in {}", made.name),
                  [&] { return where.install(std::move(request)); });
    return {};
}

} // namespace gestvenv::cli
