// SPDX-License-Identifier: MIT
#include "tools/gestvenv/completion/word_scan.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

void add_option_names(const option_table& table, std::vector<std::string>& names) {
    for (const auto& one : table.all()) {
        if (!one.text.short_name.empty())
            names.emplace_back(one.text.short_name);
        names.emplace_back(one.text.name);
    }
}

/// The command below `above` that has the option, as it is called.
std::optional<std::string> owner_below(const command& above, const std::string& name_of_above,
                                       const std::string& option) {
    for (const auto* below : above.commands) {
        auto name = fmt::format("{} {}", name_of_above, below->name);
        if (declare(*below).options.find(option) != nullptr)
            return name;
        if (auto owner = owner_below(*below, name, option))
            return owner;
    }
    return std::nullopt;
}

/// What uv, pip and others call one of our options.
std::optional<std::string> meant_by_other_tools(std::string_view name,
                                                const std::vector<std::string>& known) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> spellings{
        {{"--with", "--packages"},
         {"-p", "--python"},
         {"-r", "--requirements"},
         {"--requirement", "--requirements"},
         {"--with-requirements", "--requirements"},
         {"-e", "--project"},
         {"--editable", "--project"},
         {"--with-editable", "--project"},
         {"--directory", "--cwd"},
         {"--only-group", "--group"},
         {"--env-from", "--env-file"}}};
    for (auto [theirs, ours] : spellings)
        if (name == theirs && std::find(known.begin(), known.end(), ours) != known.end())
            return std::string{ours};
    return std::nullopt;
}

tl::unexpected<error> unknown_option(const command_path& path, const std::string& name) {
    const auto command_name = full_name(path);
    if (auto owner = owner_below(*path.back().what, command_name, name))
        return bad_value(fmt::format("{} stands before the command it belongs to", name),
                         fmt::format("{} {}", *owner, name));
    std::vector<std::string> known;
    for (auto one = path.rbegin(); one != path.rend(); ++one)
        add_option_names(one->options, known);
    auto where = path.size() == 1 ? "" : fmt::format(" of {}", command_name);
    auto near = meant_by_other_tools(name, known);
    if (!near)
        near = nearest_name(name, known);
    return bad_value(fmt::format("there is no option {}{}", shown(name), where),
                     near ? fmt::format("did you mean {}?", *near) : command_name + " --help");
}

tl::unexpected<error> unknown_command(const command_path& path, const std::string& word) {
    std::vector<std::string> known;
    for (const auto* below : path.back().what->commands)
        if (!below->hidden)
            known.emplace_back(below->name);
    const bool of_program = path.size() == 1;
    auto message = of_program ? fmt::format("there is no command {}", shown(word))
                              : fmt::format("{} has no command {}", full_name(path), shown(word));
    if (auto near = nearest_name(word, known))
        return bad_value(std::move(message), fmt::format("did you mean {}?", *near));
    return bad_value(std::move(message), of_program
                                             ? "to run a program in an environment: gestvenv run PROGRAM"
                                             : full_name(path) + " --help");
}

class scanner {
public:
    scanner(const command& program, global_options& global, const std::vector<std::string>& words)
        : words_(words) {
        result_.path.push_back(declare(program));
        add_global_options(result_.path.front().options, global);
    }

    outcome<scanned_words> scan() {
        while (next_ < words_.size()) {
            const auto& word = words_[next_++];
            if (word.size() > 1 && word.front() == '-' && word != "--") {
                if (auto good = take_option(word); !good)
                    return failure(std::move(good).error());
            } else if (!innermost().commands.empty()) {
                if (auto good = take_command(word); !good)
                    return failure(std::move(good).error());
            } else if (word == "--" || (innermost().passes_words_on &&
                                        result_.operands.words.size() >= innermost().own_operands)) {
                auto begin = static_cast<std::ptrdiff_t>(word == "--" ? next_ : next_ - 1);
                if (word != "--")
                    result_.operands.option_before = std::move(last_option_);
                std::copy(words_.begin() + begin, words_.end(), std::back_inserter(result_.operands.words));
                break;
            } else {
                result_.operands.words.push_back(word);
            }
        }
        result_.operands.command = full_name(result_.path);
        return std::move(result_);
    }

private:
    const command& innermost() const { return *result_.path.back().what; }

    outcome<void> take_option(const std::string& word) {
        auto equals = word.find('=');
        auto name = word.substr(0, equals);
        auto* option = find(name);
        if (option == nullptr)
            return unknown_option(result_.path, name);
        last_option_ = name;
        if (!option->takes_value()) {
            if (equals != std::string::npos)
                return bad_value(fmt::format("{} takes no value", name), full_name(result_.path) + " --help");
            option->given.emplace_back();
        } else if (equals != std::string::npos) {
            option->given.push_back(word.substr(equals + 1));
        } else if (next_ < words_.size()) {
            option->given.push_back(words_[next_++]);
        } else {
            return bad_value(fmt::format("{} has no value", name),
                             fmt::format("{} {}", name, option->text.value));
        }
        return {};
    }

    outcome<void> take_command(const std::string& word) {
        if (word == "--")
            return bad_value("`--` stands where the name of a command is expected",
                             "gestvenv run -- PROGRAM ARGUMENT...");
        for (const auto* below : innermost().commands)
            if (below->name == word) {
                result_.path.push_back(declare(*below));
                last_option_.clear();
                return {};
            }
        return unknown_command(result_.path, word);
    }

    /// The innermost command that has it decides.
    option* find(const std::string& name) {
        for (auto one = result_.path.rbegin(); one != result_.path.rend(); ++one)
            if (auto* found = one->options.find(name))
                return found;
        return nullptr;
    }

    const std::vector<std::string>& words_;
    std::size_t next_ = 0;
    std::string last_option_;
    scanned_words result_;
};

} // namespace

outcome<scanned_words> scan_words(const command& program, global_options& global,
                                  const std::vector<std::string>& words) {
    return scanner{program, global, words}.scan();
}

} // namespace gestvenv::cli
