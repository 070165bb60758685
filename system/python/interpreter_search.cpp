#include "system/python/interpreter_search.hpp"

#include "system/python/executable_file.hpp"
#include "system/python/installed_interpreters.hpp"
#include "system/python/pyenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

using candidates = std::vector<interpreter_candidate>;

std::string describe(const interpreter_candidate& candidate) {
    return fmt::format("{} ({})", candidate.version ? to_string(*candidate.version) : "an unknown version",
                       candidate.executable.string());
}

tl::unexpected<error> none_fits(const interpreter_version& asked, const candidates& installed) {
    if (asked < oldest_interpreter)
        return failure(error_code::interpreter_not_found,
                       fmt::format("Python {} is too old: {} is the oldest that can be used",
                                   to_string(asked), to_string(oldest_interpreter)));
    std::string there;
    for (const auto& candidate : installed)
        there += (there.empty() ? "" : ", ") + describe(candidate);
    if (there.empty())
        there = "none";
    return failure(
        error_code::interpreter_not_found,
        fmt::format("no interpreter of Python {} is installed; there is: {}", to_string(asked), there),
        fmt::format("install it, for instance with `uv python install {0}` or `pyenv install {0}`, or "
                    "name the path of an interpreter",
                    to_string(asked)));
}

outcome<interpreter_version> parse_wanted(const std::string& text) {
    if (auto version = parse_interpreter_version(text))
        return *version;
    return failure(error_code::invalid_argument,
                   fmt::format("`{}` is no version of Python and no path", text),
                   "write a version as `3.12` or `3.12.1`, and a path with a `/`, as in `./python`");
}

outcome<candidates> at_path(const std::string& text, const search_context& context) {
    auto path = (context.working_folder / text).lexically_normal(); // an absolute text stays as it is
    auto missing = [&](std::string_view what, std::string hint) {
        return failure(error_code::interpreter_not_found, fmt::format("{} {}", path.string(), what),
                       std::move(hint));
    };
    std::error_code ignored; // what cannot be looked at is not there
    if (fs::is_directory(path, ignored))
        return missing("is a folder, not an interpreter",
                       fmt::format("name the program in it, such as {}", (path / "bin/python3").string()));
    if (!fs::exists(path, ignored))
        return missing("does not exist", "name a version, as in `3.12`, or the path of an interpreter");
    if (!is_executable_file(path))
        return missing("is not a program that may be executed", "check its permissions");
    if (is_pyenv_shim(path, context)) {
        auto resolved = resolve_pyenv_shim(path.filename().string(), context);
        if (!resolved)
            return missing("is a shim of pyenv, and pyenv has no version chosen for it",
                           "choose one with `pyenv global`, or name an interpreter below ~/.pyenv/versions");
        path = *resolved;
    }
    return candidates{{path, std::nullopt}};
}

bool may_fit(const interpreter_candidate& candidate, const interpreter_version& asked) {
    if (candidate.unusable)
        return false;
    if (!candidate.version) // only its probe can tell
        return true;
    const auto& version = *candidate.version;
    return version.major == asked.major && version.minor == asked.minor &&
           (!asked.patch || !version.patch || version.patch == asked.patch);
}

bool is_exact(const interpreter_candidate& candidate) {
    return candidate.version && candidate.version->patch;
}

// Among candidates that may fit; nothing where there is none.
std::optional<interpreter_choice> choose_among(const candidates& all, const interpreter_version& asked) {
    std::optional<std::size_t> best;
    std::optional<std::size_t> uncertain;
    std::size_t count = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!may_fit(all[i], asked))
            continue;
        ++count;
        if (!is_exact(all[i])) {
            if (!uncertain)
                uncertain = i;
        } else if (!best || *all[i].version > *all[*best].version) {
            best = i;
        }
    }
    // An exact request is settled by the first that is known to be it, a wider one only when no patch is
    // open.
    if (best && (asked.patch || !uncertain))
        return interpreter_choice{*best, true};
    if (!uncertain)
        return std::nullopt;
    bool only_one_left = count == 1 && !asked.patch && all[*uncertain].version;
    return interpreter_choice{*uncertain, only_one_left};
}

} // namespace

outcome<candidates> find_interpreters(const interpreter_request& request, const search_context& context) {
    if (request.wanted && request.wanted->find('/') != std::string::npos)
        return at_path(*request.wanted, context);
    auto installed = installed_interpreters(context);
    candidates found;
    auto take_fitting = [&](const interpreter_version& asked) {
        std::copy_if(installed.begin(), installed.end(), std::back_inserter(found),
                     [&](const interpreter_candidate& candidate) { return may_fit(candidate, asked); });
    };
    if (request.wanted) {
        auto asked = parse_wanted(*request.wanted);
        if (!asked)
            return failure(asked.error());
        if (!(*asked < oldest_interpreter))
            take_fitting(*asked);
        if (found.empty())
            return none_fits(*asked, all_interpreters(context));
        return found;
    }

    if (request.default_version) {
        auto asked = parse_wanted(*request.default_version);
        if (!asked)
            return failure(asked.error());
        take_fitting(*asked);
    }
    // Behind those that fit the default: the system's own, then whatever there is, newest first.
    auto add_other = [&](const interpreter_candidate& candidate) {
        auto is_same = [&](const auto& other) { return other.executable == candidate.executable; };
        if (std::none_of(found.begin(), found.end(), is_same))
            found.push_back(candidate);
    };
    for (const auto& candidate : installed) {
        std::error_code ignored; // without a system's own there is nothing to prefer
        if (fs::equivalent(candidate.executable, context.system_python, ignored))
            add_other(candidate);
    }
    for (const auto& candidate : all_interpreters(context))
        add_other(candidate);
    if (found.empty())
        return failure(error_code::interpreter_not_found, "no interpreter of Python is installed",
                       "install one: `apt install python3`, or `uv python install 3.12`");
    return found;
}

candidates all_interpreters(const search_context& context) {
    auto found = installed_interpreters(context);
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.version > b.version; });
    return found;
}

outcome<interpreter_choice> choose_interpreter(const interpreter_request& request, const candidates& all) {
    bool by_path = request.wanted && request.wanted->find('/') != std::string::npos;
    const auto& text = request.wanted ? request.wanted : request.default_version;
    std::optional<interpreter_version> asked;
    if (text && !by_path) {
        auto parsed = parse_wanted(*text);
        if (!parsed)
            return failure(parsed.error());
        asked = *parsed;
        if (auto choice = choose_among(all, *asked))
            return *choice;
        if (request.wanted)
            return none_fits(*asked, all);
    }
    // A path, the system's own, or what is left when nothing fits the default.
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].unusable)
            return interpreter_choice{i, true};
    }
    return failure(error_code::interpreter_not_found, "none of the interpreters found can be used",
                   "see which of them starts: `python3 -c 'import venv'`");
}

} // namespace gestvenv::python
