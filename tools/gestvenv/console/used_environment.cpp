// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/used_environment.hpp"

#include "tools/gestvenv/ephemeral/ephemeral_cleanup_command.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

/// How the operands of a command begin that is about one environment.
constexpr std::string_view environment_operand = "ENVIRONMENT";
/// How they name a file in one.
constexpr std::string_view file_operand = "ENVIRONMENT:PATH";

bool is_about_environment(const command& what) {
    return what.operands.starts_with(environment_operand);
}

/// The place of the first operand, or of a `--` before it; none where an option is not known.
std::optional<std::size_t> place_of_operand(const command& what, const std::vector<std::string>& words) {
    auto declared = declare(what);
    global_options ignored;
    option_table of_program;
    add_global_options(of_program, ignored);
    std::size_t place = 1;
    while (place < words.size() && words[place].size() > 1 && words[place].front() == '-' &&
           words[place] != "--") {
        const auto equals = words[place].find('=');
        const auto name = words[place].substr(0, equals);
        const auto* option = declared.options.find(name);
        if (option == nullptr)
            option = of_program.find(name);
        if (option == nullptr)
            return std::nullopt;
        place += option->takes_value() && equals == std::string::npos ? 2 : 1;
    }
    return std::min(place, words.size());
}

bool ends_several(scanned_words& scanned) {
    const auto& options = scanned.path.back().options;
    return options.is_given("--all") || options.is_given("--orphans");
}

} // namespace

std::vector<std::string> with_environment(const command& commands, const used_environment& used,
                                          std::vector<std::string> words) {
    const auto found = std::find_if(commands.commands.begin(), commands.commands.end(),
                                    [&](const auto* one) { return one->name == words.front(); });
    if (found == commands.commands.end() || !is_about_environment(**found) || !(*found)->passes_words_on)
        return words;
    const auto place = place_of_operand(**found, words);
    if (!place)
        return words;
    const auto first = *place < words.size() && words[*place] == "--" ? *place + 1 : *place;
    if (!used.is_only_one && first < words.size() && used.names_environment({words[first], true}))
        return words;
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(*place), used.name);
    return words;
}

void fill_in_environment(const used_environment& used, scanned_words& scanned) {
    auto& named = scanned.path.back();
    auto& words = scanned.operands.words;
    if (auto* option = named.options.find("--env"); option != nullptr && option->given.empty())
        option->given.push_back(used.name);
    if (named.what->operands.find(file_operand) != std::string_view::npos) {
        for (auto& word : words)
            if (word.starts_with(':'))
                word.insert(0, used.name);
        return;
    }
    if (named.what == &ephemeral_cleanup_command) {
        if (words.empty() && !ends_several(scanned))
            words.push_back(used.name);
        return;
    }
    // Those that pass words on have theirs from with_environment().
    if (!is_about_environment(*named.what) || named.what->passes_words_on)
        return;
    const bool is_alone = named.what->operands == environment_operand;
    const bool is_named =
        !used.is_only_one && !words.empty() && (is_alone || used.names_environment({words.front(), false}));
    if (!is_named)
        words.insert(words.begin(), used.name);
}

} // namespace gestvenv::cli
