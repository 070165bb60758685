// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_session.hpp"

#include "runtime/signal_mask.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/terminal/process_stop.hpp"
#include "tools/gestvenv/terminal/told_signals.hpp"
#include "tools/gestvenv/termination.hpp"
#include "tools/gestvenv/top/top_screen.hpp"
#include "tools/gestvenv/top/top_source.hpp"
#include "tools/gestvenv/top/top_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr std::string_view keys_help =
    "q quit  c CPU  m memory  d disk  t time  n name  p processes  <> column  / filter  Enter show  k end";

enum class view { list, filter, question, text };

class session {
public:
    session(top_screen& screen, top_source& source, const told_signals& signals, top_order order)
        : screen_(screen), source_(source), signals_(signals) {
        if (model_.order() != order)
            model_.order_by(order);
    }

    outcome<void> run() {
        draw();
        while (!is_over_) {
            std::array<pollfd, 3> events{
                {{STDIN_FILENO, POLLIN, 0}, {source_.descriptor(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
            if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR)
                return system_failure(errno, "cannot wait for a key");
            if ((events[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
                break; // the terminal has gone
            while (const auto signal = signals_.next())
                take_signal(*signal);
            if (events[1].revents != 0)
                take_news();
            take_keys();
            draw();
        }
        return {};
    }

    /// The signal by which this program is to end; 0: none.
    int ending_signal() const noexcept { return ending_signal_; }

private:
    void take_signal(int signal) {
        switch (signal) {
        case SIGWINCH:
            screen_.resize();
            break;
        case SIGTSTP:
            screen_.leave();
            stop_this_process(SIGTSTP);
            screen_.forget();
            break;
        case SIGCONT: // the shell has had the terminal with modes of its own
            screen_.leave();
            screen_.forget();
            break;
        default:
            ending_signal_ = signal;
            is_over_ = true;
        }
    }

    void take_news() {
        auto news = source_.take();
        trouble_ = std::move(news.trouble);
        if (news.living)
            model_.update(std::move(*news.living));
        if (news.told)
            told_ = std::move(*news.told);
        if (news.text) {
            text_.clear();
            for (std::string_view rest{*news.text}; !rest.empty();) {
                const auto end = std::min(rest.find('\n'), rest.size());
                text_.emplace_back(rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            first_of_text_ = 0;
            view_ = view::text;
        }
    }

    void take_keys() {
        // What is typed after the end is for the next program.
        while (!is_over_) {
            const int key = screen_.key();
            if (key == static_cast<int>(top_key::none))
                return;
            if (key == static_cast<int>(top_key::resized))
                continue;
            switch (view_) {
            case view::list:
                take_in_list(key);
                break;
            case view::filter:
                take_in_filter(key);
                break;
            case view::question:
                take_answer(key);
                break;
            case view::text:
                take_in_text(key);
                break;
            }
        }
    }

    /// Whether the key moves; by how many lines.
    std::ptrdiff_t steps_of(int key) const {
        const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(rows_, 1));
        switch (static_cast<top_key>(key)) {
        case top_key::up:
            return -1;
        case top_key::down:
            return 1;
        case top_key::page_up:
            return -page;
        case top_key::page_down:
            return page;
        case top_key::first:
            return -1'000'000;
        case top_key::last:
            return 1'000'000;
        default:
            return 0;
        }
    }

    void take_in_list(int key) {
        told_.clear();
        if (const auto steps = steps_of(key); steps != 0)
            return model_.move(steps);
        if (key == static_cast<int>(top_key::enter)) {
            if (const auto* row = model_.chosen())
                source_.show(row->now.id);
            return;
        }
        if (key == static_cast<int>(top_key::escape))
            return model_.filter({});
        switch (key) {
        case 'q':
            is_over_ = true;
            break;
        case 'c':
            return model_.order_by(top_order::cpu);
        case 'm':
            return model_.order_by(top_order::memory);
        case 'd':
            return model_.order_by(top_order::disk);
        case 't':
            return model_.order_by(top_order::age);
        case 'n':
            return model_.order_by(top_order::name);
        case 'p':
            return model_.order_by(top_order::processes);
        case '<':
            return model_.order_by_neighbour(-1);
        case '>':
            return model_.order_by_neighbour(1);
        case '/':
            view_ = view::filter;
            break;
        case 'k':
            if (const auto* row = model_.chosen()) {
                asked_id_ = row->now.id;
                asked_name_ = row->now.name;
                view_ = view::question;
            }
            break;
        case 'L' & 0x1F: // Ctrl-L, as everywhere
            screen_.forget();
            break;
        default:
            break;
        }
    }

    void take_in_filter(int key) {
        auto text = model_.filter();
        if (key == static_cast<int>(top_key::enter)) {
            view_ = view::list;
            return;
        }
        if (key == static_cast<int>(top_key::escape)) {
            view_ = view::list;
            text.clear();
        } else if (key == static_cast<int>(top_key::back)) {
            if (!text.empty())
                text.pop_back();
        } else if (key >= ' ' && key < 127 && text.size() < 64) {
            text += static_cast<char>(key);
        }
        model_.filter(std::move(text));
    }

    void take_answer(int key) {
        view_ = view::list;
        if (key != 'y' && key != 'Y')
            return;
        told_ = fmt::format("ending {} ...", asked_name_);
        source_.end(asked_id_, asked_name_);
    }

    void take_in_text(int key) {
        if (const auto steps = steps_of(key); steps != 0) {
            const auto last = static_cast<std::ptrdiff_t>(text_.size()) - 1;
            first_of_text_ =
                std::clamp(first_of_text_ + steps, std::ptrdiff_t{0}, std::max<std::ptrdiff_t>(last, 0));
            return;
        }
        if (key == 'q' || key == static_cast<int>(top_key::escape) || key == static_cast<int>(top_key::enter))
            view_ = view::list;
    }

    void draw() {
        if (view_ == view::text)
            draw_text();
        else
            draw_list();
        screen_.show();
    }

    void draw_text() {
        const auto lines = screen_.lines();
        rows_ = lines > 1 ? lines - 1 : lines;
        auto index = static_cast<std::size_t>(first_of_text_);
        std::size_t line = 0;
        for (; line < rows_ && index < text_.size(); ++line, ++index)
            screen_.put(line, text_[index]);
        screen_.clear_from(line);
        if (lines > 1)
            screen_.put(lines - 1, "q back  arrow keys scroll", top_style::title);
    }

    std::string message() const {
        if (view_ == view::question)
            return fmt::format("end {}, with all that runs in it? y/n", asked_name_);
        if (view_ == view::filter)
            return fmt::format("filter: {}_  (Enter keeps it, Esc removes it)", model_.filter());
        if (!trouble_.empty())
            return trouble_;
        if (!told_.empty())
            return told_;
        return model_.filter().empty() ? std::string{}
                                       : fmt::format("filter: {}  (Esc removes it)", model_.filter());
    }

    void draw_list() {
        const auto lines = screen_.lines();
        const auto width = screen_.columns();
        std::size_t line = 0;
        const bool is_large = lines >= 10;
        if (is_large) {
            screen_.put(line++, "gestvenv top: " + top_summary(model_), top_style::title);
            screen_.put(line++, top_graphs(model_, width, screen_.is_utf8()));
        }
        if (const auto text = message(); is_large || !text.empty())
            screen_.put(line++, text,
                        !trouble_.empty() || view_ == view::question ? top_style::trouble : top_style::plain);
        const auto layout = layout_for(width, screen_.is_utf8());
        if (lines > line + 1)
            screen_.put(line++, top_heading(layout, model_), top_style::title);
        const std::size_t foot = is_large ? 1 : 0;
        rows_ = lines > line + foot ? lines - line - foot : 0;
        draw_rows(line, layout);
        if (foot > 0)
            screen_.put(lines - 1, keys_help, top_style::title);
    }

    void draw_rows(std::size_t line, const top_layout& layout) {
        const auto& shown = model_.shown();
        // The chosen one is always seen; the rest moves no more than it has to.
        const auto place = model_.place();
        if (place < first_)
            first_ = place;
        if (rows_ > 0 && place >= first_ + rows_)
            first_ = place - rows_ + 1;
        first_ = std::min(first_, shown.size() > rows_ ? shown.size() - rows_ : 0);
        const auto now = std::chrono::system_clock::now();
        const auto end = line + rows_;
        for (auto index = first_; index < shown.size() && line < end; ++index, ++line)
            screen_.put(line, top_line(layout, *shown[index], now),
                        index == place ? top_style::chosen : top_style::plain);
        screen_.clear_from(line);
    }

    top_screen& screen_;
    top_source& source_;
    const told_signals& signals_;
    int ending_signal_ = 0;
    top_model model_;
    view view_ = view::list;
    bool is_over_ = false;
    std::string trouble_ = "asking the node ...";
    std::string told_;
    std::string asked_id_;
    std::string asked_name_;
    std::vector<std::string> text_;
    std::ptrdiff_t first_of_text_ = 0;
    /// The row at the top, and how many there are.
    std::size_t first_ = 0;
    std::size_t rows_ = 0;
};

} // namespace

int show_top(const global_options& global, const node_choice& choice, std::chrono::milliseconds interval,
             top_order order) {
    const auto failed = [](const error& problem) {
        print_error(problem);
        return exit_status::internal_error;
    };
    // Before curses, which would have handlers of its own, and no later than the threads.
    auto signals = told_signals::begin(global.signals);
    if (!signals)
        return failed(signals.error());
    auto screen = top_screen::open();
    if (!screen)
        return failed(screen.error());
    auto source = [&] {
        const all_signals_blocked blocked;
        return top_source::start(choice, interval);
    }();
    if (!source) {
        screen->reset();
        return failed(source.error());
    }
    session shown{**screen, **source, *signals, order};
    auto done = shown.run();
    screen->reset();
    if (!done)
        return failed(done.error());
    if (shown.ending_signal() == 0)
        return 0;
    if (global.in_console == nullptr)
        termination::die(shown.ending_signal());
    return exit_status::signal_base + shown.ending_signal();
}

} // namespace gestvenv::cli
