// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/completion.hpp"

#include "messages/command_line_text.hpp"
#include "tools/gestvenv/completion/word_completion.hpp"
#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/console/line_words.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_package_commands.hpp"
#include "tools/gestvenv/options/global_options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

using texts = std::vector<std::string>;

/// Those that belong to the console itself, or to the program.
constexpr std::array not_of_commands{std::string_view{"--node"}, std::string_view{"--token-file"},
                                     std::string_view{"--node-authorities"},
                                     std::string_view{version_option}};

/// Files whose path is the word from `begin` on.
texts files_for(const std::string& word, std::size_t begin, bool folders_alone) {
    const auto path = word.substr(begin);
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? std::string{} : path.substr(0, slash + 1);
    const auto name = path.substr(folder.size());
    texts found;
    std::error_code problem; // what cannot be read has no files
    for (files::directory_iterator entry{folder.empty() ? "." : folder, problem}, end;
         !problem && entry != end; entry.increment(problem)) {
        const auto file = entry->path().filename().string();
        if (!file.starts_with(name) || (file.starts_with('.') && !name.starts_with('.')))
            continue;
        const std::array words{folder + file};
        if (quote_command(words) != words.front())
            continue; // it would have to be quoted
        std::error_code ignored;
        const bool is_folder = entry->is_directory(ignored);
        if (is_folder || !folders_alone)
            found.push_back(word.substr(0, begin) + words.front() + (is_folder ? "/" : ""));
    }
    return found;
}

/// The operands among the words behind the name of a command.
texts operands_of(const command& what, const texts& words) {
    auto declared = declare(what);
    texts operands;
    for (std::size_t index = 1; index < words.size(); ++index) {
        const auto& word = words[index];
        if (!word.starts_with('-')) {
            operands.push_back(word);
            continue;
        }
        const auto* option = declared.options.find(word);
        if (option != nullptr && option->takes_value())
            ++index;
    }
    return operands;
}

texts beginning_with(const std::string& word, texts all) {
    std::erase_if(all, [&](const auto& one) { return !one.starts_with(word); });
    return all;
}

texts packages_for(const completion_sources& sources, const texts& before, const std::string& word) {
    const auto operands = operands_of(ephemeral_uninstall_command, before);
    if (operands.empty() && !sources.has_current)
        return {};
    return beginning_with(word, sources.packages(operands.empty() ? std::string{} : operands.front()));
}

texts words_for(const command& commands, const completion_sources& sources, const texts& before,
                const std::string& word) {
    auto all = before;
    all.push_back(word);
    const auto& name = all.front();
    const bool is_option = word.starts_with('-');
    auto known = complete_words(commands, all);
    texts found;
    switch (known.what) {
    case completion::kind::files:
    case completion::kind::folders:
        found = files_for(word, known.at, known.what == completion::kind::folders);
        for (auto& one : known.suggestions)
            found.push_back(std::move(one.word));
        return found;
    case completion::kind::command:
        if (name != console_watch_command.name)
            return files_for(word, 0, false);
        return words_for(commands, sources,
                         {before.begin() + static_cast<std::ptrdiff_t>(known.at), before.end()}, word);
    case completion::kind::words:
        break;
    }
    for (auto& one : known.suggestions)
        if (!one.word.empty() &&
            std::find(not_of_commands.begin(), not_of_commands.end(), one.word) == not_of_commands.end())
            found.push_back(std::move(one.word));
    if (before.empty() || is_option)
        return found;
    if (name == ephemeral_uninstall_command.name)
        for (auto& one : packages_for(sources, before, word))
            found.push_back(std::move(one));
    return found;
}

} // namespace

line_completions complete_line(const command& commands, const completion_sources& sources,
                               std::string_view typed) {
    auto words = typed_words_in(typed);
    if (words.is_quoted)
        return {};
    const auto size = words.last.size();
    auto found = words_for(commands, sources, words.before, words.last);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return {std::move(found), size};
}

} // namespace gestvenv::cli
