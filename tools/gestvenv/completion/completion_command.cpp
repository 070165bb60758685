// SPDX-License-Identifier: MIT
#include "tools/gestvenv/completion/completion_command.hpp"

#include "tools/gestvenv/commands.hpp"
#include "tools/gestvenv/completion/completion_scripts.hpp"
#include "tools/gestvenv/completion/word_completion.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <array>
#include <csignal>
#include <string>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct shell_script {
    std::string_view shell;
    const char* text;
};

constexpr std::array scripts{shell_script{"bash", bash_completion}, shell_script{"zsh", zsh_completion},
                             shell_script{"fish", fish_completion}};

constexpr const char* completion_footer =
    R"(An installed gestvenv has put the scripts where the shells look for them. Else, for one shell:

  bash  source <(gestvenv completion bash)
  zsh   source <(gestvenv completion zsh)     # after compinit
  fish  gestvenv completion fish | source

Commands, options and their values are completed, files and folders where one is meant, and the ids and
names of living environments. Behind `run` and `exec` the shell completes the command itself.)";

struct completion_request : command_request {
    const char* script = nullptr;
};

std::vector<std::string> names_of_shells(std::size_t place) {
    std::vector<std::string> names;
    if (place == 0)
        for (const auto& one : scripts)
            names.emplace_back(one.shell);
    return names;
}

outcome<void> check_shell(completion_request& request, operand_words operands) {
    if (operands.words.size() == 1)
        for (const auto& one : scripts)
            if (one.shell == operands.words.front())
                request.script = one.text;
    if (request.script == nullptr)
        return wrong_operands(operands, "one shell: bash, zsh or fish");
    return {};
}

int print_script(completion_request& request) {
    return print(request.script);
}

struct words_request : command_request {
    std::vector<std::string> words;
};

outcome<void> take_words(words_request& request, operand_words operands) {
    request.words = std::move(operands.words);
    return {};
}

/// A shell waits for the answer: rather none than a late one, whatever a node or a disk does.
void end_after_deadline() {
    struct sigaction action {};
    action.sa_handler = [](int) { ::_exit(0); };
    ::sigaction(SIGALRM, &action, nullptr);
    constexpr itimerval half_a_second{{}, {0, 500'000}};
    ::setitimer(ITIMER_REAL, &half_a_second, nullptr);
}

int complete(words_request& request) {
    end_after_deadline();
    return print(completion_text(complete_words(program_command, request.words)));
}

} // namespace

constinit const command completion_command{
    .name = "completion",
    .description = "Prints the script that makes bash, zsh or fish complete commands of gestvenv.",
    .operands = "bash|zsh|fish",
    .footer = completion_footer,
    .complete = names_of_shells,
    .action = acts_on<completion_request, no_options<completion_request>, check_shell, print_script>(),
};

constinit const command complete_command{
    .name = "__complete",
    .description = "Tells a shell what may stand at the cursor.",
    .operands = "-- WORD...",
    .hidden = true,
    .action = acts_on<words_request, no_options<words_request>, take_words, complete>(),
};

} // namespace gestvenv::cli
