// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/interpreter_wish.hpp"

#include "messages/shown_text.hpp"
#include "system/python/installed_interpreters.hpp"
#include "system/python/version_file.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/declared_needs.hpp"

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

/// What the project, or else the script, says of itself.
struct need {
    std::optional<python::version_range> range;
    std::string of;
    /// Its backend refuses every other interpreter; a script may run all the same.
    bool strict = false;

    std::string text() const { return fmt::format("requires-python {} of {}", range->text, of); }
};

// Of all its members, which uv installs from one lock.
outcome<need> need_of_workspace(const environment_spec& environment) {
    const auto tool = environment.package_backend.value_or(backend::automatic);
    if (tool != backend::uv && tool != backend::automatic)
        return need{};
    const auto lock = workspace_lock_of(environment.project->folder);
    if (lock.empty())
        return need{};
    return needed_by_lock(lock).map([&lock](auto range) {
        return need{std::move(range), lock.native(), true};
    });
}

outcome<need> need_of(const environment_spec& environment, const declared_script* script) {
    if (environment.project) {
        const files::path project{environment.project->folder};
        if (auto needed = need_of_workspace(environment); !needed || needed->range)
            return needed;
        return needed_by_project(project).map([&project](auto range) {
            return need{std::move(range), (project / "pyproject.toml").native(), true};
        });
    }
    if (script != nullptr)
        return need{script->metadata.python, script->name, false};
    return need{};
}

/// Compares what was chosen, where that is a version, with what is needed.
outcome<void> compare(interpreter_wish& wish, const need& needed) {
    auto version = python::parse_interpreter_version(*wish.wanted);
    if (!needed.range || !version || fit(*version, *needed.range) != python::range_fit::no)
        return {};
    auto sentence =
        fmt::format("Python {}, chosen by {}, does not fit {}", *wish.wanted, wish.reason, needed.text());
    if (needed.strict)
        return bad_value(std::move(sentence), fmt::format("--python '{}'", needed.range->text));
    wish.warnings.push_back(std::move(sentence));
    return {};
}

} // namespace

outcome<interpreter_wish> wish_of(const environment_spec& environment, files::path folder,
                                  const declared_script* script, python::search_context context) {
    interpreter_wish wish;
    if (folder.empty()) // --work-folder
        folder = context.working_folder;
    auto needed = need_of(environment, script);
    if (!needed)
        return failure(std::move(needed).error());
    if (environment.python_version) {
        wish.wanted = environment.python_version;
        wish.reason = "--python";
    } else {
        const auto begin = environment.project ? files::path{environment.project->folder} : folder;
        context.working_folder = begin; // a shim of pyenv looks there
        if (auto file = python::find_version_file(begin)) {
            if (!file->readable)
                wish.warnings.push_back(
                    fmt::format("{} cannot be read, and is passed over", file->path.native()));
            for (const auto& skipped : file->skipped)
                wish.warnings.push_back(fmt::format("{}: {} is no version of Python, and is skipped",
                                                    file->path.native(), shown(skipped)));
            wish.wanted = std::move(file->wanted);
            wish.reason = file->path.native();
        }
    }
    if (wish.wanted) {
        if (auto good = compare(wish, *needed); !good)
            return failure(std::move(good).error());
        wish.context = std::move(context);
        return wish;
    }
    wish.reason.clear();
    if (needed->range) {
        wish.wanted = needed->range->text;
        wish.reason = needed->text();
    }
    wish.preferred = python::first_on_path(context).value_or(files::path{});
    wish.context = std::move(context);
    return wish;
}

std::string reason_for(const interpreter_wish& wish, const std::optional<std::string>& configured,
                       const files::path& taken) {
    if (wish.wanted)
        return wish.reason;
    std::error_code ignored; // then it is another
    if (!wish.preferred.empty() && files::equivalent(taken, wish.preferred, ignored))
        return configured
                   ? fmt::format("the first python3 of PATH, or default_python_version {}", *configured)
                   : "the first python3 of PATH";
    if (configured)
        return fmt::format("default_python_version {}, as far as it is installed", *configured);
    return wish.preferred.empty()
               ? "PATH has no python3 that could be used"
               : fmt::format("{}, the first python3 of PATH, cannot be used", wish.preferred.native());
}

} // namespace gestvenv::cli
