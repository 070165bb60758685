// SPDX-License-Identifier: MIT
#include "tools/gestvenv/completion/word_completion.hpp"

#include "tools/gestvenv/options/global_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

bool looks_like_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-' && word != "--";
}

/// 8-4-4-4-12 hexadecimal digits, also with the colon behind it that a path in an environment has.
bool is_id(std::string_view word) {
    if (word.ends_with(':'))
        word.remove_suffix(1);
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::equal(word.begin(), word.end(), form.begin(), form.end(), [](char c, char place) {
        return place == '-' ? c == '-'
                            : std::string_view{"0123456789abcdef"}.find(c) != std::string_view::npos;
    });
}

/// Whether its operands are paths, here or in an environment.
bool takes_paths(const command& what) {
    return what.operands.find("ENVIRONMENT:PATH") != std::string_view::npos;
}

bool is_in_environment(std::string_view word) {
    return word.find(':') < word.find('/');
}

/// Follows the words as `word_scan.cpp` does, but goes on behind what is wrong.
class walker {
public:
    explicit walker(const command& program) {
        path_.push_back(declare(program));
        add_global_options(path_.front().options, global_);
    }

    completion at_end_of(const std::vector<std::string>& words) {
        for (std::size_t index = 0; index + 1 < words.size(); ++index)
            if (!take(words[index]))
                return {completion::kind::command, {}, index};
        return complete(words.empty() ? std::string{} : words.back(), words.empty() ? 0 : words.size() - 1);
    }

private:
    const command& innermost() const { return *path_.back().what; }

    bool is_for_another_program() const {
        return innermost().passes_words_on && operands_ >= innermost().own_operands;
    }

    option* find(std::string_view name) {
        for (auto one = path_.rbegin(); one != path_.rend(); ++one)
            if (auto* found = one->options.find(name))
                return found;
        return nullptr;
    }

    /// False where the word begins another program's command line.
    bool take(const std::string& word) {
        if (std::exchange(waiting_, nullptr) != nullptr || is_lost_)
            return true;
        if (!only_operands_ && looks_like_option(word)) {
            const auto equals = word.find('=');
            auto* named = find(std::string_view{word}.substr(0, equals));
            if (named == nullptr)
                return true;
            named->given.emplace_back();
            if (named->takes_value() && equals == std::string::npos)
                waiting_ = named;
            return true;
        }
        if (!only_operands_ && !innermost().commands.empty()) {
            take_command(word);
            return true;
        }
        if (!only_operands_ && word == "--") {
            only_operands_ = true;
            return true;
        }
        if (is_for_another_program())
            return false;
        ++operands_;
        return true;
    }

    void take_command(const std::string& word) {
        const auto& below = innermost().commands;
        const auto found =
            std::find_if(below.begin(), below.end(), [&](const auto* one) { return one->name == word; });
        if (found == below.end())
            is_lost_ = true;
        else
            path_.push_back(declare(**found));
    }

    completion complete(const std::string& word, std::size_t place) {
        if (is_lost_)
            return {};
        if (waiting_ != nullptr)
            return value_of(*waiting_, word, 0);
        if (!only_operands_ && !word.empty() && word.front() == '-') {
            const auto equals = word.find('=');
            if (equals == std::string::npos)
                return options(word);
            const auto* named = find(std::string_view{word}.substr(0, equals));
            return named != nullptr && named->takes_value() ? value_of(*named, word, equals + 1)
                                                            : completion{};
        }
        if (!innermost().commands.empty())
            return commands(word);
        if (is_for_another_program())
            return {completion::kind::command, {}, place};
        auto result =
            innermost().complete == nullptr ? completion{} : chosen(innermost().complete(operands_), word, 0);
        if (takes_paths(innermost()) && !is_in_environment(word))
            result.what = completion::kind::files;
        return result;
    }

    completion commands(std::string_view word) const {
        completion result;
        for (const auto* below : innermost().commands)
            if (!below->hidden && below->name.starts_with(word))
                result.suggestions.push_back({std::string{below->name}, std::string{below->description}});
        return result;
    }

    completion options(std::string_view word) const {
        completion result;
        for (auto one = path_.rbegin(); one != path_.rend(); ++one)
            for (const auto& option : one->options.own())
                if (!option.text.group.empty() && option.text.name.starts_with(word) &&
                    (option.repeatable || option.given.empty()) &&
                    (path_.size() == 1 || option.text.name != version_option))
                    result.suggestions.push_back({std::string{option.text.name}, option.text.description});
        const auto& help = path_.back().options.help().text;
        if (help.name.starts_with(word))
            result.suggestions.push_back({std::string{help.name}, help.description});
        return result;
    }

    static completion value_of(const option& what, const std::string& word, std::size_t begin) {
        if (!what.words.empty())
            return chosen({what.words.begin(), what.words.end()}, word, begin);
        if (what.complete != nullptr)
            return chosen(what.complete(), word, begin);
        if (what.text.value == "FILE")
            return {completion::kind::files, {}, begin};
        if (what.text.value == "DIR")
            return {completion::kind::folders, {}, begin};
        return {};
    }

    /// Those that begin as the word does from `begin` on. Ids only once one has been begun: each stands beside a name.
    static completion chosen(std::vector<std::string> known, const std::string& word, std::size_t begin) {
        const auto written = std::string_view{word}.substr(begin);
        completion result;
        for (auto& one : known)
            if (one.starts_with(written) && (!written.empty() || !is_id(one)))
                result.suggestions.push_back({word.substr(0, begin) + std::move(one), {}});
        return result;
    }

    global_options global_;
    command_path path_;
    std::size_t operands_ = 0;
    /// The option whose value comes next.
    const option* waiting_ = nullptr;
    bool only_operands_ = false;
    /// Behind a command that there is not.
    bool is_lost_ = false;
};

std::string_view name_of(completion::kind kind) {
    switch (kind) {
    case completion::kind::files:
        return "files";
    case completion::kind::folders:
        return "folders";
    case completion::kind::command:
        return "command";
    case completion::kind::words:
        break;
    }
    return "words";
}

} // namespace

completion complete_words(const command& program, const std::vector<std::string>& words) {
    return walker{program}.at_end_of(words);
}

std::string completion_text(const completion& what) {
    auto text = fmt::format("{} {}\n", name_of(what.what), what.at);
    for (const auto& [word, description] : what.suggestions) {
        // Neither has a place among lines and columns.
        if (word.find_first_of("\t\r\n") != std::string::npos)
            continue;
        text += description.empty() ? word + "\n" : fmt::format("{}\t{}\n", word, description);
    }
    return text;
}

} // namespace gestvenv::cli
