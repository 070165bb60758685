// SPDX-License-Identifier: MIT
#include "system/python/requirements_files.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/backends/installer_variables.hpp"
#include "system/python/backends/local_folders.hpp"
#include "system/python/project_file.hpp"
#include "system/python/requirement.hpp"
#include "system/python/requirements_text.hpp"
#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_in_all = 16 << 20;
constexpr std::size_t most_files = 500;
constexpr int deepest_include = 20;

// The value of an option at the beginning of a line, as `-r x`, `-rx`, `--requirement x` or
// `--requirement=x`.
std::optional<std::string_view> value_of(std::string_view line, std::string_view letter,
                                         std::string_view word) {
    for (auto name : {word, letter}) {
        if (!line.starts_with(name))
            continue;
        auto rest = line.substr(name.size());
        if (rest.starts_with('=') && name == word)
            rest.remove_prefix(1);
        else if (name == word && !rest.starts_with(' ') && !rest.starts_with('\t'))
            continue;
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') && rest.back() == rest.front())
            rest = rest.substr(1, rest.size() - 2);
        if (!rest.empty())
            return rest;
    }
    return std::nullopt;
}

// A requirement without the options of its own behind it.
std::string_view without_options(std::string_view line) {
    for (std::size_t i = 1; i + 1 < line.size(); ++i)
        if (line[i] == '-' && (line[i - 1] == ' ' || line[i - 1] == '\t') &&
            (line[i + 1] == '-' || line[i + 1] == 'C'))
            return line.substr(0, line.find_last_not_of(" \t", i - 1) + 1);
    return line;
}

bool is_there(const fs::path& path) {
    std::error_code ignored; // what cannot be looked at is not there for an installer either
    return fs::exists(path, ignored);
}

// `-fwheels` as `-f wheels`: uv knows only that.
std::string with_space_before_value(std::string_view line) {
    constexpr std::string_view letters = "rcif";
    if (line.size() <= 2 || line[0] != '-' || letters.find(line[1]) == std::string_view::npos)
        return std::string{line};
    auto value = line.substr(2);
    value.remove_prefix(std::min(value.find_first_not_of(" \t="), value.size()));
    return fmt::format("{} {}", line.substr(0, 2), value);
}

std::string name_of_egg(std::string_view url) {
    constexpr std::string_view label = "egg=";
    auto fragment = url.find('#');
    auto at = fragment == std::string_view::npos ? fragment : url.find(label, fragment);
    if (at == std::string_view::npos)
        return {};
    auto name = url.substr(at + label.size());
    return std::string{name.substr(0, name.find_first_of("&[; "))};
}

// `dist/demo-1.0-py3-none-any.whl`, whether a path or a URL.
std::string name_of_wheel(std::string_view place) {
    place = place.substr(0, place.find_first_of("#?; "));
    if (!place.ends_with(".whl"))
        return {};
    auto file = place.substr(place.rfind('/') + 1);
    return std::string{file.substr(0, file.find('-'))};
}

class reading {
public:
    reading(const fs::path& working_folder, const variable_map& variables)
        : working_folder_(working_folder), variables_(variables) {}

    outcome<void> read(const fs::path& path, bool constraint, int depth) {
        auto known = std::pair{path.lexically_normal(), constraint};
        if (depth > deepest_include || !seen_.insert(std::move(known)).second)
            return {};
        auto refused = [](std::string_view why) {
            return failure(error_code::invalid_argument,
                           fmt::format("the requirements files are more than {}", why));
        };
        if (seen_.size() > most_files)
            return refused("500");
        auto bytes = read_regular_file(path, largest_in_all);
        if (!bytes) { // the installer will say it, or read what is no file
            add_line(fmt::format("--{} {}", constraint ? "constraint" : "requirement", path.string()));
            passed_over_ = true;
            return {};
        }
        size_ += bytes->size();
        if (size_ > largest_in_all)
            return refused("16 MB");
        auto decoded = decode_requirements(*bytes, path.filename().string());
        if (!decoded)
            return failure(decoded.error());
        foreign_ = foreign_ || !decoded->known_to_uv;
        foreign_constraint_ = foreign_constraint_ || (constraint && !decoded->known_to_uv);
        for_pip_alone_ = for_pip_alone_ || (!constraint && has_lines_for_pip_alone(decoded->text));
        for (const auto& line : requirement_lines(decoded->text))
            if (auto good = take(line, path.parent_path(), constraint, depth); !good)
                return good;
        return {};
    }

    outcome<requirements_summary> summary() && {
        if (foreign_constraint_)
            return failure(error_code::invalid_argument,
                           "a constraints file is in an encoding that not every installer reads",
                           "write it in UTF-8");
        // What can be read once is left to uv, with lines that it may refuse.
        if (foreign_ || (for_pip_alone_ && !passed_over_))
            result_.rewritten = std::move(text_);
        return std::move(result_);
    }

private:
    outcome<void> take(std::string_view written, const fs::path& folder, bool constraint, int depth) {
        note_variables(written);
        const auto expanded = with_variables(written);
        const std::string_view line = expanded;
        if (auto file = value_of(line, "-r", "--requirement"))
            return include(written, *file, folder, constraint, depth);
        if (auto file = value_of(line, "-c", "--constraint")) {
            add_line(fmt::format("--constraint {}", place(*file, folder)));
            return include({}, *file, folder, true, depth);
        }
        if (constraint)
            return {};
        if (auto editable = value_of(line, "-e", "--editable")) {
            add_line(fmt::format("--editable {}", *value_of(written, "-e", "--editable")));
            note_editable(*editable);
            return {};
        }
        if (auto links = value_of(line, "-f", "--find-links"); links && is_there(folder / *links)) {
            add_line(fmt::format("--find-links {}", place(*links, folder)));
            return {};
        }
        result_.names_index = result_.names_index || value_of(line, "-i", "--index-url");
        add_line(with_space_before_value(written));
        if (!line.starts_with('-'))
            note_local(without_options(line));
        return {};
    }

    outcome<void> include(std::string_view line, std::string_view file, const fs::path& folder,
                          bool constraint, int depth) {
        const auto where = place(file, folder);
        if (where.find("://") == std::string::npos && where.find("${") == std::string::npos)
            return read(where, constraint, depth + 1);
        if (!line.empty())
            add_line(with_space_before_value(line));
        return {};
    }

    // Other files are found from the file that names them.
    static std::string place(std::string_view file, const fs::path& folder) {
        return file.find("://") != std::string_view::npos ? std::string{file} : (folder / file).string();
    }

    void add_line(std::string_view line) {
        text_ += line;
        text_ += '\n';
    }

    void note_variables(std::string_view line) {
        while (true) {
            auto begin = line.find("${");
            if (begin == std::string_view::npos)
                return;
            line.remove_prefix(begin + 2);
            auto end = line.find('}');
            auto name = line.substr(0, end);
            const bool good =
                end != std::string_view::npos && !name.empty() &&
                name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
            if (good)
                result_.variables.emplace(name);
        }
    }

    // As pip has it: a name that has no value stays as it is.
    std::string with_variables(std::string_view line) const {
        std::string result;
        for (auto begin = line.find("${"); begin != std::string_view::npos; begin = line.find("${")) {
            const auto end = line.find('}', begin);
            if (end == std::string_view::npos)
                break;
            const std::string name{line.substr(begin + 2, end - begin - 2)};
            const auto value = variables_.find(name);
            const bool known = result_.variables.contains(name) && value != variables_.end() &&
                               !value->second.empty() && may_be_named_for_installer(name);
            result += line.substr(0, begin);
            result += known ? std::string_view{value->second} : line.substr(begin, end + 1 - begin);
            line.remove_prefix(end + 1);
        }
        return result.append(line);
    }

    void note_editable(std::string_view what) {
        what = without_options(what);
        const bool always = what.find(';') == std::string_view::npos; // no marker
        std::string name = name_of_egg(what);
        if (auto at = what.find(" @ "); at != std::string_view::npos) {
            name = what.substr(0, what.find_first_of(" ["));
            what.remove_prefix(at + 3);
        }
        if (always && !name.empty())
            result_.names.push_back(name);
        if (what.find("://") != std::string_view::npos && !what.starts_with("file://"))
            return;
        auto folder = folder_of(what);
        result_.editables.push_back(folder);
        if (always && name.empty())
            note_folder(folder);
    }

    void note_local(std::string_view line) {
        if (auto url = line.find("file:"); url != std::string_view::npos)
            result_.folders.push_back(folder_of(line.substr(url, line.find(" ;", url) - url)));
        else if (line.find('/') != std::string_view::npos || line.starts_with('.'))
            result_.folders.push_back(folder_of(line));
        note_requirement(line);
    }

    void note_requirement(std::string_view line) {
        if (auto parsed = parse_requirement(line)) {
            if (parsed->marker.empty())
                result_.names.push_back(std::move(parsed->name));
            return;
        }
        if (line.find(';') != std::string_view::npos)
            return; // a marker
        if (auto name = name_of_wheel(line); !name.empty())
            result_.names.push_back(std::move(name));
        else if (auto egg = name_of_egg(line); !egg.empty())
            result_.names.push_back(std::move(egg));
        else if (line.find("://") == std::string_view::npos ||
                 (line.starts_with("file:") && line.find('#') == std::string_view::npos))
            note_folder(folder_of(line));
    }

    fs::path folder_of(std::string_view what) const {
        if (what.starts_with("file:")) {
            auto url = what.substr(0, what.find_first_of("[#;"));
            url = url.substr(0, url.find_last_not_of(" \t") + 1);
            if (auto folder = folder_of_url(url); !folder.empty()) // with %20 and the like
                return folder;
        }
        for (std::string_view scheme : {"file://localhost/", "file://", "file:"})
            if (what.starts_with(scheme)) {
                what.remove_prefix(scheme.size() - (scheme.ends_with("t/") ? 1 : 0));
                break;
            }
        auto before = [this, what](std::string_view ends) {
            auto path = what.substr(0, what.find_first_of(ends));
            auto last = path.find_last_not_of(" \t");
            return working_folder_ / path.substr(0, last == std::string_view::npos ? 0 : last + 1);
        };
        std::error_code ignored; // what cannot be looked at, an installer cannot enter either
        auto whole = before("[;");
        return fs::is_directory(whole, ignored) ? whole : before("[#;");
    }

    void note_folder(const fs::path& folder) {
        auto project = read_project_file(folder);
        if (project && !project->name.empty())
            result_.names.push_back(project->name);
    }

    const fs::path& working_folder_;
    const variable_map& variables_;
    std::set<std::pair<fs::path, bool>> seen_;
    std::size_t size_ = 0;
    bool foreign_ = false;
    bool foreign_constraint_ = false;
    bool for_pip_alone_ = false;
    bool passed_over_ = false;
    std::string text_;
    requirements_summary result_;
};

} // namespace

outcome<requirements_summary> summarize_requirements(const std::vector<fs::path>& files,
                                                     const fs::path& working_folder,
                                                     const variable_map& variables) {
    reading all{working_folder, variables};
    for (const auto& file : files)
        if (auto good = all.read(file, false, 0); !good)
            return failure(good.error());
    return std::move(all).summary();
}

} // namespace gestvenv::python
