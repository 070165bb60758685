// SPDX-License-Identifier: MIT
// A command on a terminal of this process, which is an operation.
#pragma once

#include "messages/outcome.hpp"
#include "net/execution/descriptor_watch.hpp"
#include "net/execution/event_loop.hpp"
#include "net/terminal/pseudo_terminal.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/operation_info.hpp>

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {
struct node_services;
class command_link;
} // namespace gestvenv

namespace gestvenv::terminal {

struct terminal_request {
    /// Its id.
    std::string environment;
    /// A principal's id.
    std::string owner;
    command_spec command;
    window_size size;
};

/// Who sees the terminal. Called on the terminals' thread.
class terminal_viewer {
public:
    terminal_viewer() = default;
    terminal_viewer(const terminal_viewer&) = delete;
    terminal_viewer& operator=(const terminal_viewer&) = delete;
    virtual ~terminal_viewer() = default;

    virtual void begun(const operation_info& info) = 0;
    /// False: nothing more, until terminal_command::go_on().
    virtual bool show(std::string_view output) = 0;
    virtual void stopped(int signal) = 0;
    /// What was typed has been taken so far that there is room for more.
    virtual void has_room() = 0;
    /// Once, after all output; or `failed` in its place.
    virtual void ended(const operation_result& result) = 0;
    virtual void failed(const error& problem) = 0;
};

/// Lives until the command has ended, and on as long as it is held. On the terminals' thread, but for start().
class terminal_command : public std::enable_shared_from_this<terminal_command> {
public:
    /// Keys that wait for the program; beyond it no more should be typed until there is room.
    static constexpr std::size_t most_input = std::size_t{64} << 10;

    /// Makes the terminal. Errors: those of the system.
    static outcome<std::shared_ptr<terminal_command>>
    open(node_services& node, std::shared_ptr<execution::event_loop> loop, terminal_request wish);

    void start(std::weak_ptr<terminal_viewer> viewer);
    void type(std::string_view keys);
    bool has_room() const noexcept { return input_.size() < most_input; }
    /// After a `show` that was false.
    void go_on();
    outcome<void> resize(const window_size& size);
    /// For the foreground of the terminal.
    void signal(int number);
    /// The command is to end: it gets SIGTERM and a hangup, and SIGKILL after the runtime's `stop_grace`. The viewer
    /// hears nothing of it any more.
    void hang_up();
    bool has_ended() const noexcept { return ended_.has_value(); }

private:
    terminal_command(node_services& node, std::shared_ptr<execution::event_loop> loop, terminal_request wish,
                     pseudo_terminal terminal);
    void post(std::function<void()> task) { loop_->post(std::move(task)); }
    void begin();
    void has_begun(const outcome<operation_info>& info);
    void has_ended(const operation_info& info);
    void watch();
    void unwatch();
    void ready(std::uint32_t news);
    bool pass_piece();
    void write_input();
    void drain();
    void finish();
    void fail(const error& problem);
    void end_connection();

    node_services& node_;
    std::shared_ptr<execution::event_loop> loop_;
    terminal_request wish_;
    pseudo_terminal terminal_;
    std::shared_ptr<command_link> link_;
    std::weak_ptr<terminal_viewer> viewer_;
    caf::actor connection_;
    execution::descriptor_watch watched_;
    std::string input_;
    std::optional<operation_info> ended_;
    bool begun_ = false;
    /// The terminal has gone: vhangup(2).
    bool dead_ = false;
    bool full_ = false;
    bool wants_room_ = false;
    bool finished_ = false;
};

} // namespace gestvenv::terminal
