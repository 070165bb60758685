// SPDX-License-Identifier: MIT
#include "tools/gestvenv/declared_needs.hpp"

#include "system/toml.hpp"
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
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

std::optional<std::string> metadata_of_script(std::string_view text) {
    constexpr std::string_view opening = "# /// script";
    std::optional<std::string> content;
    auto begin = std::size_t{0};
    while (begin < text.size()) {
        auto end = std::min(text.find('\n', begin), text.size());
        auto line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!content) {
            if (line == opening)
                content.emplace();
        } else if (line == "# ///") {
            return content;
        } else if (line == "#" || line.starts_with("# ")) {
            content->append(line.size() > 2 ? line.substr(2) : std::string_view{}).append("\n");
        } else {
            content.reset(); // a block that does not end is none
        }
    }
    return std::nullopt;
}

namespace {

/// Empty where the script has no metadata.
outcome<toml::table> document_of_script(const std::filesystem::path& file) {
    auto metadata = metadata_of_script(beginning_of(file));
    if (!metadata)
        return toml::table{};
    auto document = parsed(*metadata, file);
    if (!document)
        return failure(error_code::invalid_argument,
                       fmt::format("the metadata of {} is no TOML", file.native()),
                       "what stands between `# /// script` and `# ///` is TOML, behind `# ` on each line");
    return std::move(*document);
}

} // namespace

outcome<std::optional<python::version_range>> needed_by_script(const std::filesystem::path& file) {
    return document_of_script(file).and_then(
        [&file](const toml::table& document) -> outcome<std::optional<python::version_range>> {
            auto text = document["requires-python"].value<std::string>();
            if (!text || text->empty())
                return std::nullopt;
            return range_of(python::parse_version_range(*text), "requires-python", file);
        });
}

outcome<std::vector<std::string>> packages_of_script(const std::filesystem::path& file) {
    auto document = document_of_script(file);
    if (!document)
        return failure(std::move(document).error());
    std::vector<std::string> packages;
    const auto* declared = document->get("dependencies");
    if (declared == nullptr)
        return packages;
    auto unfit =
        failure(error_code::invalid_argument,
                fmt::format("the dependencies in the metadata of {} are no list of texts", file.native()),
                "write them as in: dependencies = [\"requests\", \"rich>=13\"]");
    const auto* list = declared->as_array();
    if (list == nullptr)
        return unfit;
    for (const auto& item : *list) {
        auto text = item.value_exact<std::string>();
        if (!text)
            return unfit;
        packages.push_back(std::move(*text));
    }
    return packages;
}

} // namespace gestvenv::cli
