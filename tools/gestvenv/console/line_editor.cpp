// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/line_editor.hpp"

#include "tools/gestvenv/console/line_history.hpp"
#include "tools/gestvenv/console/pasted_text.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/text_table.hpp"
#include "tools/gestvenv/terminal/process_stop.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <histedit.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr wchar_t interrupt_key = 0x03; // Ctrl-C
constexpr wchar_t suspend_key = 0x1a;   // Ctrl-Z
constexpr std::size_t most_shown = 200;
/// What the prompt's colours stand between: they take no place on the line.
constexpr char literal = '\x01';
constexpr std::string_view erase_line = "\r\x1b[K";

/// Characters of several bytes are read as such where the user's locale, or the one that is always there, has them.
void use_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0)
        std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::string common_beginning(const std::vector<std::string>& words) {
    auto common = words.front();
    for (const auto& word : words)
        common.resize(static_cast<std::size_t>(
            std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first - common.begin()));
    // Not in the middle of a character.
    const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
    for (const auto& word : words)
        while (!common.empty() && common.size() < word.size() && is_continuation(word[common.size()]))
            common.pop_back();
    return common;
}

/// In columns, as ls(1) has them.
std::string in_columns(const std::vector<std::string>& words) {
    std::size_t widest = 0;
    for (const auto& word : words)
        widest = std::max(widest, word.size());
    const auto width = std::max<std::size_t>(output_width(), 20);
    const auto columns = std::max<std::size_t>(width / (widest + 2), 1);
    const auto count = std::min(words.size(), most_shown);
    const auto rows = (count + columns - 1) / columns;
    std::string text;
    for (std::size_t row = 0; row < rows; ++row) {
        std::string line;
        for (auto index = row; index < count; index += rows) {
            line.resize(std::max(line.size(), index / rows * (widest + 2)), ' ');
            line += words[index];
        }
        text += line + "\n";
    }
    if (count < words.size())
        text += "... and " + std::to_string(words.size() - count) + " more\n";
    return text;
}

/// Whether the terminal takes sequences that it does not know for what they are.
bool knows_sequences() {
    const char* terminal = std::getenv("TERM");
    return terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

void tell_terminal(std::string_view sequence) {
    if (knows_sequences())
        static_cast<void>(write_all(STDOUT_FILENO, sequence));
}

} // namespace

bool colours_are_wanted() {
    const char* refused = std::getenv("NO_COLOR");
    return (refused == nullptr || *refused == '\0') && ::isatty(STDOUT_FILENO) == 1 && knows_sequences();
}

struct line_editor::implementation {
    implementation(console_signals& from, completer by) : signals(from), complete(std::move(by)) {
        use_utf8();
        past = ::history_init();
        editor = ::el_init("gestvenv", stdin, stdout, stderr);
        if (past == nullptr || editor == nullptr)
            throw std::bad_alloc{};
        HistEvent event{};
        ::history(past, &event, H_SETSIZE, static_cast<int>(line_history::most_lines));
        ::el_set(editor, EL_CLIENTDATA, this);
        ::el_set(editor, EL_SIGNAL, 0);
        ::el_set(editor, EL_HIST, ::history, past);
        ::el_set(editor, EL_EDITOR, "emacs");
        ::el_source(editor, nullptr); // ~/.editrc: a user's own keys
        ::el_set(editor, EL_PROMPT_ESC, shown_prompt, literal);
        ::el_set(editor, EL_GETCFN, read_character);
        // Keys that the terminal would make signals of are characters here; they get functions of their own.
        ::el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
        add("gestvenv-interrupt", "gives the line up", interrupt, "^C");
        add("gestvenv-suspend", "stops the program", suspend, "^Z");
        add("gestvenv-complete", "completes a word", complete_word, "^I");
        add("gestvenv-paste", "takes what is pasted", paste, paste_begins);
        ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    }
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;
    ~implementation() {
        ::el_end(editor);
        ::history_end(past);
    }

    void add(const char* name, const char* help, unsigned char (*act)(EditLine*, int),
             const char* key) const {
        ::el_set(editor, EL_ADDFN, name, help, act);
        ::el_set(editor, EL_BIND, key, name, nullptr);
    }

    static implementation& of(EditLine* editor) {
        void* data = nullptr;
        ::el_get(editor, EL_CLIENTDATA, &data);
        return *static_cast<implementation*>(data);
    }

    static char* shown_prompt(EditLine* editor) { return of(editor).prompt.data(); }

    static unsigned char interrupt(EditLine* editor, int /*key*/) {
        std::fputs("^C\n", stdout);
        of(editor).interrupted = true;
        return CC_NEWLINE;
    }

    static unsigned char suspend(EditLine* editor, int /*key*/) {
        ::el_set(editor, EL_PREP_TERM, 0);
        std::fputs("^Z\n", stdout);
        std::fflush(stdout);
        tell_terminal(bracket_no_pastes);
        stop_this_process(SIGTSTP);
        tell_terminal(bracket_pastes);
        ::el_set(editor, EL_PREP_TERM, 1);
        return CC_REDISPLAY;
    }

    static unsigned char complete_word(EditLine* editor, int /*key*/) {
        const auto* line = ::el_line(editor);
        const std::string before{line->buffer, line->cursor};
        const auto found = of(editor).complete(before);
        if (found.words.empty())
            return CC_REFRESH_BEEP;
        auto common = common_beginning(found.words);
        const bool is_all = found.words.size() == 1;
        if (is_all && std::string_view{"/=:"}.find(common.back()) == std::string_view::npos)
            common += ' ';
        if (common.size() > found.typed)
            return ::el_insertstr(editor, common.c_str() + found.typed) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
        if (is_all)
            return CC_REFRESH;
        std::fputs(("\n" + in_columns(found.words)).c_str(), stdout);
        return CC_REDISPLAY;
    }

    static unsigned char paste(EditLine* editor, int /*key*/) {
        of(editor).pasted.read(STDIN_FILENO);
        return CC_NORM;
    }

    /// 1: a character, or an event in its place; 0: the end.
    static int read_character(EditLine* editor, wchar_t* character) {
        auto& self = of(editor);
        for (;;) {
            while (const auto event = self.signals.next_event())
                if (const auto known = self.attend(*event, character))
                    return *known;
            if (const auto next = self.pasted.next()) {
                *character = *next;
                return 1;
            }
            pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {self.signals.descriptor(), POLLIN, 0}};
            if (::poll(ready, 2, -1) < 0 && errno != EINTR)
                return -1;
            if (ready[1].revents != 0 || ready[0].revents == 0)
                continue;
            char byte = 0;
            const auto count = ::read(STDIN_FILENO, &byte, 1); // one: what is typed ahead is a command's
            if (count < 0 && (errno == EINTR || errno == EAGAIN))
                continue;
            if (count <= 0)
                return 0; // EIO: the terminal has gone away
            switch (std::mbrtowc(character, &byte, 1, &self.decoding)) {
            case static_cast<std::size_t>(-2):
                continue; // more of it is to come
            case static_cast<std::size_t>(-1):
                self.decoding = {};
                continue;
            default:
                return 1;
            }
        }
    }

    std::optional<int> attend(reading_event event, wchar_t* character) const {
        switch (event) {
        case reading_event::interrupt:
            *character = interrupt_key;
            return 1;
        case reading_event::suspend:
            *character = suspend_key;
            return 1;
        case reading_event::resume:
            ::el_set(editor, EL_PREP_TERM, 1); // the shell has had modes of its own
            redraw();
            return std::nullopt;
        case reading_event::resize:
            ::el_resize(editor);
            redraw();
            return std::nullopt;
        case reading_event::end:
            return 0;
        }
        return std::nullopt;
    }

    void redraw() const {
        std::fputs(std::string{erase_line}.c_str(), stdout);
        ::el_set(editor, EL_REFRESH);
    }

    console_signals& signals;
    completer complete;
    EditLine* editor = nullptr;
    History* past = nullptr;
    std::string prompt;
    std::mbstate_t decoding{};
    pasted_text pasted;
    bool interrupted = false;
};

line_editor::line_editor(console_signals& signals, completer complete)
    : inside_(std::make_unique<implementation>(signals, std::move(complete))) {}

line_editor::~line_editor() = default;

line_editor::result line_editor::read(const std::string& prompt) {
    auto& self = *inside_;
    self.prompt = prompt;
    if (colours_are_wanted()) {
        const auto bold = std::string{literal} + "\x1b[1m" + literal;
        const auto plain = std::string{literal} + "\x1b[0m" + literal;
        // The sequence that ends it is attached to the next character, the space.
        const auto text = prompt.substr(0, prompt.size() - 1);
        self.prompt = bold + text + plain + " ";
    }
    self.interrupted = false;
    restore_at_end(STDIN_FILENO);
    // Before the prompt, which libedit does after it: a Ctrl-D typed between both would be lost.
    ::el_set(self.editor, EL_PREP_TERM, 1);
    tell_terminal(bracket_pastes);
    int count = 0;
    const char* line = ::el_gets(self.editor, &count);
    tell_terminal(bracket_no_pastes);
    restore_no_more();
    if (self.interrupted) {
        self.pasted.drop();
        return {kind::interrupted, {}};
    }
    if (line == nullptr || count <= 0)
        return {};
    std::string text{line, static_cast<std::size_t>(count)};
    if (text.ends_with('\n'))
        text.pop_back();
    return {kind::line, std::move(text)};
}

void line_editor::drop_pasted() {
    inside_->pasted.drop();
}

void line_editor::remember(const std::string& line) {
    HistEvent event{};
    ::history(inside_->past, &event, H_ENTER, line.c_str());
}

void line_editor::forget_all() {
    HistEvent event{};
    ::history(inside_->past, &event, H_CLEAR);
}

} // namespace gestvenv::cli
