// SPDX-License-Identifier: MIT
#include "tools/gestvenv/word_scan.hpp"

#include "messages/nearest_name.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <fmt/format.h>

#include <string_view>

namespace gestvenv::cli {

namespace {

void add_option_names(const CLI::App& app, std::vector<std::string>& names) {
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_snames())
            names.push_back("-" + name);
        for (const auto& name : option->get_lnames())
            names.push_back("--" + name);
    }
}

std::string help_of(const CLI::App& command) {
    return full_name(command) + " --help";
}

/// The command at or below `app` that has the option, other than `app` itself.
const CLI::App* owner_below(const CLI::App& app, const std::string& option) {
    for (const auto* below : commands_of(app)) {
        if (below->get_option_no_throw(option) != nullptr)
            return below;
        if (const auto* found = owner_below(*below, option))
            return found;
    }
    return nullptr;
}

tl::unexpected<error> unknown_option(const CLI::App& command, const std::string& name) {
    if (const auto* owner = owner_below(command, name))
        return bad_value(fmt::format("{} stands before the command it belongs to", name),
                         fmt::format("{} {}", full_name(*owner), name));
    std::vector<std::string> known;
    for (const auto* app = &command; app != nullptr; app = app->get_parent())
        add_option_names(*app, known);
    auto where = command.get_parent() == nullptr ? "" : fmt::format(" of {}", full_name(command));
    auto near = nearest_name(name, known);
    return bad_value(fmt::format("there is no option {}{}", shown(name), where),
                     near ? fmt::format("did you mean {}?", *near) : help_of(command));
}

tl::unexpected<error> unknown_command(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const auto* command : commands_of(app))
        known.push_back(command->get_name());
    auto message = app.get_parent() == nullptr
                       ? fmt::format("there is no command {}", shown(word))
                       : fmt::format("{} has no command {}", full_name(app), shown(word));
    if (auto near = nearest_name(word, known))
        return bad_value(std::move(message), fmt::format("did you mean {}?", *near));
    return bad_value(std::move(message), app.get_parent() == nullptr
                                             ? "to run a program in an environment: gestvenv run PROGRAM"
                                             : help_of(app));
}

class scanner {
public:
    scanner(CLI::App& root, const CLI::App& runner, const std::vector<std::string>& words)
        : runner_(runner), words_(words) {
        result_.command = &root;
    }

    outcome<scanned_words> scan() {
        while (next_ < words_.size()) {
            const auto& word = words_[next_++];
            if (word.size() > 1 && word.front() == '-' && word != "--") {
                if (auto good = take_option(word); !good)
                    return failure(std::move(good).error());
            } else if (!commands_of(*result_.command).empty()) {
                if (auto good = take_command(word); !good)
                    return failure(std::move(good).error());
            } else if (word == "--" || result_.command == &runner_) {
                auto begin = static_cast<std::ptrdiff_t>(word == "--" ? next_ : next_ - 1);
                if (word != "--")
                    result_.option_before = std::move(last_option_);
                result_.operands.insert(result_.operands.end(), words_.begin() + begin, words_.end());
                break;
            } else {
                result_.operands.push_back(word);
            }
        }
        return std::move(result_);
    }

private:
    outcome<void> take_option(const std::string& word) {
        auto equals = word.find('=');
        auto name = word.substr(0, equals);
        const auto* option = find(name);
        if (option == nullptr)
            return unknown_option(*result_.command, name);
        result_.own.push_back(name);
        last_option_ = name;
        if (option->get_items_expected_min() == 0) {
            if (equals != std::string::npos)
                return bad_value(fmt::format("{} takes no value", name), help_of(*result_.command));
            return {};
        }
        if (equals != std::string::npos) {
            result_.own.push_back(word.substr(equals + 1));
        } else if (next_ < words_.size()) {
            result_.own.push_back(words_[next_++]);
        } else {
            return bad_value(fmt::format("{} has no value", name),
                             fmt::format("{} {}", name, option->get_type_name()));
        }
        return {};
    }

    outcome<void> take_command(const std::string& word) {
        if (word == "--")
            return bad_value("`--` stands where the name of a command is expected",
                             "gestvenv run -- PROGRAM ARGUMENT...");
        for (auto* command : commands_of(*result_.command))
            if (command->get_name() == word) {
                result_.command = command;
                last_option_.clear();
                result_.own.push_back(word);
                return {};
            }
        return unknown_command(*result_.command, word);
    }

    const CLI::Option* find(const std::string& name) const {
        for (const CLI::App* app = result_.command; app != nullptr; app = app->get_parent())
            if (const auto* found = app->get_option_no_throw(name))
                return found;
        return nullptr;
    }

    const CLI::App& runner_;
    const std::vector<std::string>& words_;
    std::size_t next_ = 0;
    std::string last_option_;
    scanned_words result_;
};

} // namespace

outcome<scanned_words> scan_words(CLI::App& root, const CLI::App& runner,
                                  const std::vector<std::string>& words) {
    return scanner{root, runner, words}.scan();
}

std::string full_name(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::vector<CLI::App*> commands_of(CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

} // namespace gestvenv::cli
