// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/declared_needs.hpp"

#include "system/python/project_file.hpp"
#include "system/python/uv_workspace.hpp"
#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

// Of a larger file only the beginning is looked at.
constexpr std::size_t most_bytes = std::size_t{4} << 20;

std::string beginning_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::string text;
    char buffer[16384];
    while (text.size() < most_bytes && (stream.read(buffer, sizeof buffer), stream.gcount() > 0))
        text.append(buffer, static_cast<std::size_t>(stream.gcount()));
    return text;
}

std::optional<toml::table> parsed(std::string_view text, const std::filesystem::path& file) {
    if (!check_toml_bounds(text, file.native()))
        return std::nullopt;
    auto result = toml::parse(text);
    if (!result)
        return std::nullopt;
    return std::move(result).table();
}

outcome<std::optional<python::version_range>>
range_of(outcome<python::version_range> read, std::string_view what, const std::filesystem::path& file) {
    if (!read)
        return failure(error_code::invalid_argument,
                       fmt::format("{} of {}: {}", what, file.native(), read.error().message),
                       read.error().hint + "; or choose an interpreter with --python");
    return std::optional{std::move(*read)};
}

} // namespace

outcome<std::optional<python::version_range>> needed_by_project(const std::filesystem::path& folder) {
    const auto file = folder / "pyproject.toml";
    auto document = parsed(beginning_of(file), file);
    if (!document)
        return std::nullopt;
    if (auto text = (*document)["project"]["requires-python"].value<std::string>(); text && !text->empty())
        return range_of(python::parse_version_range(*text), "requires-python", file);
    if (auto text = (*document)["tool"]["poetry"]["dependencies"]["python"].value<std::string>();
        text && !text->empty())
        return range_of(python::parse_poetry_range(*text), "the version of Python", file);
    return std::nullopt;
}

std::filesystem::path workspace_lock_of(const std::filesystem::path& folder) {
    auto root = python::uv_workspace_root(folder);
    if (root.empty())
        if (auto project = python::read_project_file(folder); project && project->workspace)
            root = folder;
    if (root.empty())
        return {};
    std::error_code problem; // one that cannot be looked at cannot be honoured either
    auto lock = root / "uv.lock";
    return std::filesystem::is_regular_file(lock, problem) ? lock : std::filesystem::path{};
}

// By its lines: all of it can be larger than what is parsed here.
outcome<std::optional<python::version_range>> needed_by_lock(const std::filesystem::path& lock) {
    constexpr std::string_view label = "requires-python = \"";
    std::ifstream stream{lock};
    for (std::string line; std::getline(stream, line) && !line.starts_with("[");) {
        const auto end = line.rfind('"');
        if (line.starts_with(label) && end >= label.size())
            return range_of(
                python::parse_version_range(std::string_view{line}.substr(label.size(), end - label.size())),
                "requires-python", lock);
    }
    return std::nullopt;
}

} // namespace gestvenv::cli
