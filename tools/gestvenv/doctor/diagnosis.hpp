// SPDX-License-Identifier: MIT
// What `gestvenv doctor` found, as one value. Filled by doctor_checks.hpp, shown by diagnosis_table.hpp and
// diagnosis_json.hpp; nothing in here looks at the machine.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Why something is not there, and what supplies it.
struct shortcoming {
    /// One sentence, in the words of the part that found out; empty where nothing is wrong.
    std::string why;
    /// The command to run or the setting to make; empty where nothing is known to help.
    std::string remedy;

    friend bool operator==(const shortcoming&, const shortcoming&) = default;
};

/// One thing that the machine can or cannot do.
struct ability {
    enum class group : std::uint8_t { processes, storage, limits, node };

    group kind = group::processes;
    std::string name;
    bool available = true;
    /// Whether there are no environments without it.
    bool needed = false;
    /// By what, e.g. `cgroup v2`, or what it is good for; empty where it is not available.
    std::string detail;
    shortcoming missing;
};

struct found_interpreter {
    /// As exactly as known: `3.12.1`, or `3.12` of one that has never been used.
    std::string version;
    std::string path;
    /// What an environment is asked for, so that it has this one.
    std::string request;
    /// The one an environment has that asks for none.
    bool is_default = false;
    /// Whether at least one backend has to work with it.
    bool needed = false;
    /// Why it cannot be used at all, where that is so.
    shortcoming missing;
};

struct found_backend {
    backend kind{};
    bool available = false;
    /// The tool.
    std::string path;
    shortcoming missing;
    /// Whether it, or another that is needed too, has to work: those that are asked for, else the configured
    /// one.
    bool needed = true;
};

/// One backend with one interpreter.
struct installation {
    enum class state : std::uint8_t {
        not_tried,
        works,
        fails,
        /// The backend is there and refuses: no fault of this machine.
        unsupported,
    };

    backend kind{};
    /// Index into the interpreters.
    std::size_t interpreter = 0;
    state result = state::not_tried;
    /// Of making the environment, installing and importing; unset where it does not work.
    std::optional<std::chrono::duration<double>> duration;
    shortcoming missing;
};

/// Everything, in the order in which it is shown.
struct diagnosis {
    /// Nothing was installed: `--quick`.
    bool quick = false;
    bool offline = false;
    std::vector<ability> abilities;
    std::vector<found_interpreter> interpreters;
    std::vector<found_backend> backends;
    /// Interpreters times backends, interpreter by interpreter; empty where `quick` is.
    std::vector<installation> installations;
};

std::string_view to_string(ability::group value) noexcept;
std::string_view to_string(installation::state value) noexcept;

/// What is wrong with the whole, one sentence each; empty: everything that is needed works. Needed are the
/// abilities that say so, then at least one interpreter that says so, and for each such interpreter a
/// needed backend that works (or, where nothing was tried, is there).
std::vector<std::string> complaints(const diagnosis& found);

/// What an error of an installation means for its cell. `tool_is_there`: the backend's own program was found.
installation::state judge(const error& problem, bool tool_is_there) noexcept;

/// The error in short: without the backend's name before its words, on one line, at most 300 bytes.
shortcoming in_short(const error& problem, backend kind);

/// The command that installs a backend into the tools folder, as tools/bootstrap does. `has_venv`: false
/// where the system's Python lacks what it needs for that.
std::string command_for(backend kind, const std::string& tools_folder, bool has_venv = true);

/// What helps where `kind` could not install from its cache alone.
std::string advice_offline(backend kind);

} // namespace gestvenv::cli
