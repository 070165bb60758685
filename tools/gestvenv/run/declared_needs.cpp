// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/declared_needs.hpp"

#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
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

} // namespace gestvenv::cli
