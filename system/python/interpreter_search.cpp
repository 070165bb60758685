// SPDX-License-Identifier: MIT
#include "system/python/interpreter_search.hpp"

#include "system/python/executable_file.hpp"
#include "system/python/installed_interpreters.hpp"
#include "system/python/pyenv.hpp"
#include "system/python/version_range.hpp"

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

std::string list_of(const candidates& installed) {
    std::string there;
    for (const auto& candidate : installed)
        there += (there.empty() ? "" : ", ") + describe(candidate);
    return there.empty() ? "none" : there;
}

tl::unexpected<error> none_fits(const interpreter_version& asked, const candidates& installed) {
    if (asked < oldest_interpreter)
        return failure(error_code::interpreter_not_found,
                       fmt::format("Python {} is too old: {} is the oldest that can be used",
                                   to_string(asked), to_string(oldest_interpreter)),
                       "choose a newer one: --python VERSION (python_version)");
    return failure(
        error_code::interpreter_not_found,
        fmt::format("no interpreter of Python {} is installed; there is: {}", to_string(asked),
                    list_of(installed)),
        fmt::format("install it, for instance with `uv python install {0}` or `pyenv install {0}`, or choose "
                    "another: --python VERSION, or the path of an interpreter (python_version)",
                    to_string(asked)));
}

tl::unexpected<error> none_fits(const version_range& asked, const candidates& installed) {
    return failure(
        error_code::interpreter_not_found,
        fmt::format("no interpreter of Python {} is installed; there is: {}", asked.text, list_of(installed)),
        fmt::format("install one, for instance with `uv python install '{}'`, or choose another: --python "
                    "VERSION, or the path of an interpreter (python_version)",
                    asked.text));
}

// What a text asks for: one of the two.
struct wanted_python {
    std::optional<interpreter_version> version;
    std::optional<version_range> range;
};

outcome<wanted_python> parse_wanted(const std::string& text) {
    if (auto version = parse_interpreter_version(text))
        return wanted_python{*version, {}};
    if (begins_range(text))
        return parse_version_range(text).map([](version_range range) {
            return wanted_python{{}, std::move(range)};
        });
    if (text == "3")
        return wanted_python{{}, *parse_version_range("==3.*")};
    return failure(
        error_code::invalid_argument, fmt::format("`{}` is no version of Python and no path", text),
        "write a version as `3.12`, `3.12.1` or `>=3.10`, and a path with a `/`, as in `./python`");
}

outcome<candidates> at_path(const std::string& text, const search_context& context) {
    auto path = (context.working_folder / text).lexically_normal(); // an absolute text stays as it is
    auto missing = [&](std::string_view what, std::string hint) {
        return failure(error_code::interpreter_not_found, fmt::format("{} {}", path.string(), what),
                       std::move(hint));
    };
    std::error_code ignored; // what cannot be looked at is not there
    const auto folder = path.has_filename() ? path : path.parent_path();
    const bool is_bin = folder.filename() == "bin";
    if (fs::is_directory(path, ignored))
        return missing("is a folder, not an interpreter",
                       fmt::format("name the program in it, such as {}",
                                   (path / (is_bin ? "python3" : "bin/python3")).string()));
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

bool may_fit(const interpreter_candidate& candidate, const version_range& asked) {
    return !candidate.unusable && (!candidate.version || fit(*candidate.version, asked) != range_fit::no);
}

bool may_fit(const interpreter_candidate& candidate, const wanted_python& asked) {
    return asked.range ? may_fit(candidate, *asked.range) : may_fit(candidate, *asked.version);
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

// The first that fits; they come in the order of preference.
std::optional<interpreter_choice> choose_among(const candidates& all, const version_range& asked) {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (may_fit(all[i], asked))
            return interpreter_choice{i, all[i].version && fit(*all[i].version, asked) == range_fit::yes};
    return std::nullopt;
}

std::optional<interpreter_choice> choose_among(const candidates& all, const wanted_python& asked) {
    return asked.range ? choose_among(all, *asked.range) : choose_among(all, *asked.version);
}

tl::unexpected<error> none_fits(const wanted_python& asked, const candidates& installed) {
    return asked.range ? none_fits(*asked.range, installed) : none_fits(*asked.version, installed);
}

// A range fits many: which of them, the default decides, then what is preferred, then the newest.
class ordered_candidates {
public:
    explicit ordered_candidates(const search_context& context)
        : installed_(installed_interpreters(context)) {}

    template <class Predicate>
    void add_where(const Predicate& is_meant) {
        for (const auto& candidate : installed_)
            if (is_meant(candidate) && std::find(found_.begin(), found_.end(), candidate) == found_.end())
                found_.push_back(candidate);
    }

    void add_file(const fs::path& file) {
        add_where([&file](const interpreter_candidate& candidate) {
            std::error_code ignored; // where there is none, nothing is preferred
            return fs::equivalent(candidate.executable, file, ignored);
        });
    }

    void add_newest_first() {
        std::stable_sort(installed_.begin(), installed_.end(), [](const auto& a, const auto& b) {
            return a.preview != b.preview ? b.preview : a.version > b.version;
        });
        add_where([](const interpreter_candidate&) { return true; });
    }

    candidates take() { return std::move(found_); }

private:
    candidates installed_;
    candidates found_;
};

bool is_path(const std::optional<std::string>& text) {
    return text && text->find('/') != std::string::npos;
}

// The configuration may name a path too.
bool names_path(const interpreter_request& request) {
    return is_path(request.wanted) || (!request.wanted && is_path(request.default_version));
}

outcome<candidates> all_in_order(const interpreter_request& request, const search_context& context) {
    ordered_candidates all{context};
    if (request.default_version && !is_path(request.default_version)) {
        auto asked = parse_wanted(*request.default_version);
        if (!asked)
            return failure(asked.error());
        all.add_where([&asked](const auto& candidate) { return may_fit(candidate, *asked); });
    }
    all.add_file(context.preferred_python);
    all.add_file(context.system_python);
    all.add_newest_first();
    return all.take();
}

} // namespace

outcome<candidates> find_interpreters(const interpreter_request& request, const search_context& context) {
    if (names_path(request))
        return at_path(request.wanted ? *request.wanted : *request.default_version, context);
    if (!request.wanted) {
        auto found = all_in_order(request, context);
        if (found && found->empty())
            return failure(error_code::interpreter_not_found, "no interpreter of Python is installed",
                           "install one: `apt install python3`, or `uv python install 3.12`; one that lies "
                           "elsewhere is named by --python PATH (python_version)");
        return found;
    }
    auto asked = parse_wanted(*request.wanted);
    if (!asked)
        return failure(asked.error());
    if (asked->version && *asked->version < oldest_interpreter)
        return none_fits(*asked, {});
    auto found =
        asked->range ? all_in_order(request, context) : outcome<candidates>{installed_interpreters(context)};
    if (!found)
        return found;
    std::erase_if(*found, [&asked](const auto& candidate) { return !may_fit(candidate, *asked); });
    if (found->empty())
        return none_fits(*asked, all_interpreters(context));
    return found;
}

std::optional<interpreter_candidate> preferred_interpreter(const interpreter_request& request,
                                                           const search_context& context) {
    if (request.default_version || names_path(request))
        return std::nullopt;
    auto candidate =
        interpreter_at(context.preferred_python.empty() ? context.system_python : context.preferred_python);
    if (!candidate || !request.wanted)
        return candidate;
    auto asked = parse_wanted(*request.wanted);
    bool fits = asked && asked->range && may_fit(*candidate, *asked);
    return fits ? candidate : std::nullopt;
}

candidates all_interpreters(const search_context& context) {
    auto found = installed_interpreters(context);
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.version > b.version; });
    return found;
}

outcome<interpreter_choice> choose_interpreter(const interpreter_request& request, const candidates& all) {
    const auto& text = request.wanted ? request.wanted : request.default_version;
    if (text && !names_path(request)) {
        auto asked = parse_wanted(*text);
        if (!asked)
            return failure(asked.error());
        if (auto choice = choose_among(all, *asked))
            return *choice;
        if (request.wanted)
            return none_fits(*asked, all);
    }
    // A path, the preferred one, or what is left when nothing fits the default.
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].unusable)
            return interpreter_choice{i, true};
    }
    return failure(error_code::interpreter_not_found, "none of the interpreters found can be used",
                   "see which of them starts: `python3 -c 'import venv'`; name one that does: --python PATH "
                   "(python_version)");
}

} // namespace gestvenv::python
