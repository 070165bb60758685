// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/conversation.hpp"

#include "tools/gestvenv/console/completion.hpp"
#include "tools/gestvenv/console/line_editor.hpp"
#include "tools/gestvenv/console/line_words.hpp"
#include "tools/gestvenv/console/package_names.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::size_t longest_text = std::size_t{1} << 20;
constexpr std::string_view more_prompt = "> ";

std::string prompt_of(const console& with, const std::string& name) {
    if (!with.current())
        return name + "> ";
    const auto& shown = name_of(*with.current());
    return with.is_about_one() ? shown + "> " : name + " " + shown + "> ";
}

void warn_once(outcome<void> done, bool& warned) {
    if (!done && !std::exchange(warned, true))
        print_warning("lines are not kept: " + done.error().message);
}

} // namespace

bool is_at_terminal() noexcept {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

int talk(console& with, const conversation_settings& settings) {
    package_names packages{with};
    line_editor editor{with.signals(), [&](std::string_view typed) {
                           const command_scope scope{with.signals()};
                           ask_for_names(with.node(), scope.interrupted());
                           return complete_line(
                               with.commands(),
                               {[&](const std::string& environment) { return packages.of(environment); },
                                with.current().has_value()},
                               typed);
                       }};
    line_history past{settings.history};
    bool warned = false;
    if (!settings.history.empty()) {
        warn_once(past.load(), warned);
        for (const auto& line : past.lines())
            editor.remember(line);
        with.past = &past;
        with.forget = [&editor] { editor.forget_all(); };
    }
    std::string text;
    while (!with.ended()) {
        const auto typed =
            editor.read(text.empty() ? prompt_of(with, settings.name) : std::string{more_prompt});
        if (typed.what == line_editor::kind::end) {
            static_cast<void>(
                write_all(STDOUT_FILENO, "\n")); // below the prompt, where there still is a terminal
            break;
        }
        if (typed.what == line_editor::kind::interrupted) {
            text.clear();
            continue;
        }
        text += typed.text;
        if (is_unfinished(text) && text.size() < longest_text) {
            text += '\n';
            continue;
        }
        const auto whole = std::exchange(text, {});
        if (whole.find_first_not_of(" \t\n") == std::string::npos)
            continue;
        if (whole.front() != ' ' && whole.front() != '\t')
            editor.remember(whole);
        if (!settings.history.empty())
            warn_once(past.add(whole), warned);
        if (with.run_text(whole) == exit_status::interrupted) {
            static_cast<void>(write_all(STDOUT_FILENO, "\n")); // the terminal has echoed ^C
            editor.drop_pasted();
        }
        packages.forget();
        if (with.signals().told_to_end() != 0)
            break;
    }
    with.past = nullptr;
    return with.ended().value_or(0);
}

} // namespace gestvenv::cli
