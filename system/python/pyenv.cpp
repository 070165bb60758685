// SPDX-License-Identifier: MIT
#include "system/python/pyenv.hpp"

#include "system/python/executable_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// Shims and version files are small; more of a file is of no interest here.
std::string beginning_of(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    char buffer[1024];
    stream.read(buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(stream.gcount())};
}

// Versions stand one per line, or between colons in PYENV_VERSION; `#` begins a comment.
std::vector<std::string> versions_in(std::string_view text) {
    std::vector<std::string> versions;
    if (constexpr std::string_view byte_order_mark = "\xef\xbb\xbf"; text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    while (!text.empty()) {
        auto end = text.find_first_of("\n:");
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        line = line.substr(0, line.find('#'));
        auto first = line.find_first_not_of(" \t\r");
        if (first == std::string_view::npos)
            continue;
        auto last = line.find_last_not_of(" \t\r");
        auto word = line.substr(first, last - first + 1);
        // A name of a folder, never a way out of it: the file may be of any project.
        if (word.find('/') == std::string_view::npos && word != "." && word != "..")
            versions.emplace_back(word);
    }
    return versions;
}

std::vector<std::string> chosen_versions(const search_context& context) {
    if (!context.pyenv_version.empty())
        return versions_in(context.pyenv_version);
    std::error_code ignored; // what cannot be looked at chooses nothing
    for (auto folder = context.working_folder; !folder.empty(); folder = folder.parent_path()) {
        auto file = folder / ".python-version";
        if (fs::is_regular_file(file, ignored))
            return versions_in(beginning_of(file));
        if (folder == folder.root_path())
            break;
    }
    return versions_in(beginning_of(context.pyenv_root / "version"));
}

// The folder of a version as pyenv resolves it: its name, or the newest release that a prefix names.
std::optional<fs::path> prefix_of(const std::string& version, const search_context& context) {
    auto exact = context.pyenv_root / "versions" / version;
    std::error_code ignored;
    if (fs::is_directory(exact, ignored))
        return exact;
    auto asked = parse_interpreter_version(version);
    if (!asked)
        return std::nullopt;
    for (const auto& installation : pyenv_installations(context)) {
        if (fits(installation.version, *asked))
            return installation.prefix;
    }
    return std::nullopt;
}

} // namespace

std::vector<pyenv_installation> pyenv_installations(const search_context& context) {
    std::vector<pyenv_installation> found;
    std::error_code ignored; // no pyenv: nothing found
    for (const auto& entry : fs::directory_iterator{context.pyenv_root / "versions", ignored}) {
        auto version = parse_interpreter_version(entry.path().filename().string());
        if (version && version->patch && !fs::exists(entry.path() / "pyvenv.cfg", ignored))
            found.push_back({*version, entry.path()});
    }
    std::sort(found.begin(), found.end(), [](const pyenv_installation& a, const pyenv_installation& b) {
        return a.version != b.version ? a.version > b.version : a.prefix < b.prefix;
    });
    return found;
}

bool is_pyenv_shim(const fs::path& file, const search_context& context) {
    auto folder = file.parent_path();
    if (folder.filename() != "shims")
        return false;
    if (folder == context.pyenv_root / "shims")
        return true;
    auto text = beginning_of(file);
    return text.starts_with("#!") && text.find("pyenv") != std::string::npos;
}

std::optional<fs::path> resolve_pyenv_shim(std::string_view program, const search_context& context) {
    for (const auto& version : chosen_versions(context)) {
        if (version == "system")
            continue;
        auto prefix = prefix_of(version, context);
        if (!prefix)
            continue;
        auto candidate = *prefix / "bin" / program;
        if (is_executable_file(candidate))
            return candidate;
    }
    return std::nullopt;
}

} // namespace gestvenv::python
