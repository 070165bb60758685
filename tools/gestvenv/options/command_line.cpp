// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/command_line.hpp"

#include "system/version.hpp"
#include "tools/gestvenv/completion/word_scan.hpp"
#include "tools/gestvenv/output/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv::cli {

namespace {

outcome<wanted_command> take(scanned_words scanned, const global_options& global) {
    for (const auto& one : scanned.path)
        if (auto good = one.options.read(); !good)
            return failure(std::move(good).error());
    auto& named = scanned.path.back();
    named.request->global = global;
    return named.what->action.check(*named.request, std::move(scanned.operands)).map([&named] {
        return wanted_command{named.what, std::move(named.request)};
    });
}

} // namespace

outcome<wanted_action> parse_command_line(const command& program, const std::vector<std::string>& words,
                                          const reading_context& within) {
    auto global = within.global;
    auto scanned = scan_words(program, global, words);
    if (!scanned)
        return failure(std::move(scanned).error());
    if (within.adjust)
        if (auto good = within.adjust(*scanned); !good)
            return failure(std::move(good).error());
    const auto& path = scanned->path;
    if (path.front().options.is_given(version_option))
        return text_request{fmt::format("{} {}\n", program.name, program_version)};
    // Whichever command's it is: the innermost is the one that is meant.
    if (std::any_of(path.begin(), path.end(),
                    [](const auto& one) { return !one.options.help().given.empty(); }))
        return text_request{help_text(path)};
    if (!path.back().what->commands.empty())
        return text_request{help_text(path), false};
    const auto name = full_name(path);
    return take(std::move(*scanned), global)
        .map([](wanted_command wanted) { return wanted_action{std::move(wanted)}; })
        .map_error([&name](error problem) {
            if (problem.hint.empty())
                problem.hint = name + " --help";
            return problem;
        });
}

} // namespace gestvenv::cli
