#include "tools/gestvenv/word_scan.hpp"

#include "messages/nearest_name.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <fmt/format.h>

#include <string_view>

namespace gestvenv::cli {

namespace {

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_snames())
            names.push_back("-" + name);
        for (const auto& name : option->get_lnames())
            names.push_back("--" + name);
    }
    return names;
}

std::string help_of(const scanned_words& scanned) {
    return scanned.subcommand == nullptr ? "gestvenv --help"
                                         : fmt::format("gestvenv {} --help", scanned.subcommand->get_name());
}

tl::unexpected<error> unknown_option(const CLI::App& root, const scanned_words& scanned,
                                     const std::string& name) {
    auto known = option_names(root);
    std::string where;
    if (scanned.subcommand != nullptr) {
        auto own = option_names(*scanned.subcommand);
        known.insert(known.end(), own.begin(), own.end());
        where = fmt::format(" of gestvenv {}", scanned.subcommand->get_name());
    }
    for (const auto* subcommand : root.get_subcommands([](const CLI::App*) { return true; }))
        if (scanned.subcommand == nullptr && subcommand->get_option_no_throw(name) != nullptr)
            return bad_value(fmt::format("{} stands before the command it belongs to", name),
                             fmt::format("gestvenv {} {}", subcommand->get_name(), name));
    auto near = nearest_name(name, known);
    return bad_value(fmt::format("there is no option {}{}", shown(name), where),
                     near ? fmt::format("did you mean {}?", *near) : help_of(scanned));
}

tl::unexpected<error> unknown_subcommand(const CLI::App& root, const std::string& word) {
    std::vector<std::string> known;
    for (const auto* subcommand : root.get_subcommands([](const CLI::App*) { return true; }))
        known.push_back(subcommand->get_name());
    if (auto near = nearest_name(word, known))
        return bad_value(fmt::format("there is no command {}", shown(word)),
                         fmt::format("did you mean {}?", *near));
    return bad_value(fmt::format("there is no command {}", shown(word)),
                     "to run a program in an environment: gestvenv run PROGRAM");
}

class scanner {
public:
    scanner(CLI::App& root, const std::vector<std::string>& words) : root_(root), words_(words) {}

    outcome<scanned_words> scan() {
        while (next_ < words_.size()) {
            const auto& word = words_[next_++];
            if (word.size() > 1 && word.front() == '-' && word != "--") {
                if (auto good = take_option(word); !good)
                    return failure(std::move(good).error());
            } else if (result_.subcommand == nullptr) {
                if (auto good = take_subcommand(word); !good)
                    return failure(std::move(good).error());
            } else {
                auto begin = static_cast<std::ptrdiff_t>(word == "--" ? next_ : next_ - 1);
                result_.command.assign(words_.begin() + begin, words_.end());
                break;
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
            return unknown_option(root_, result_, name);
        result_.own.push_back(name);
        if (option->get_items_expected_min() == 0) {
            if (equals != std::string::npos)
                return bad_value(fmt::format("{} takes no value", name), help_of(result_));
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

    outcome<void> take_subcommand(const std::string& word) {
        if (word == "--")
            return bad_value("`--` stands where the name of a command is expected",
                             "gestvenv run -- PROGRAM ARGUMENT...");
        auto named = root_.get_subcommands([&](const CLI::App* app) { return app->get_name() == word; });
        if (named.empty())
            return unknown_subcommand(root_, word);
        result_.subcommand = named.front();
        result_.own.push_back(word);
        return {};
    }

    const CLI::Option* find(const std::string& name) const {
        const CLI::Option* found = nullptr;
        if (result_.subcommand != nullptr)
            found = result_.subcommand->get_option_no_throw(name);
        return found != nullptr ? found : root_.get_option_no_throw(name);
    }

    CLI::App& root_;
    const std::vector<std::string>& words_;
    std::size_t next_ = 0;
    scanned_words result_;
};

} // namespace

outcome<scanned_words> scan_words(CLI::App& root, const std::vector<std::string>& words) {
    return scanner{root, words}.scan();
}

} // namespace gestvenv::cli
