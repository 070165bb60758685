// SPDX-License-Identifier: MIT
// A command on a terminal that goes on when its clients are detached. Who is attached later is shown the last of its
// output again.
#pragma once

#include "net/terminal/scrollback.hpp"
#include "net/terminal/session_info.hpp"
#include "net/terminal/terminal_command.hpp"
#include "net/terminal/terminals.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::terminal {

/// On the terminals' thread, as all of a session.
class session_client {
public:
    session_client() = default;
    session_client(const session_client&) = delete;
    session_client& operator=(const session_client&) = delete;
    virtual ~session_client() = default;

    virtual void attached(const std::string& session) = 0;
    virtual void show(std::string_view output) = 0;
    /// Whether too much waits for it.
    virtual bool is_full() const noexcept = 0;
    /// Whether it may hold up the others: then it is detached after a while in which it takes nothing.
    virtual void hold_up_others() = 0;
    /// What it types is taken again.
    virtual void has_room() = 0;
    virtual void ended(const operation_result& result) = 0;
    virtual void failed(const error& problem) = 0;
};

class lasting_session final : public terminal_viewer, public std::enable_shared_from_this<lasting_session> {
public:
    lasting_session(terminals& all, std::shared_ptr<terminal_command> command, session_info info)
        : all_(all), command_(std::move(command)), info_(std::move(info)) {}

    /// For its first client; `client` is attached when the command has begun.
    void start(std::shared_ptr<session_client> client, const window_size& size);
    /// With what was shown before; from now on the window has its size.
    void attach(std::shared_ptr<session_client> client, const window_size& size);
    void detach(const session_client& client);
    /// False: nothing more, until it has room.
    bool type(std::string_view keys);
    void resize(const session_client& client, const window_size& size);
    /// A client that was full has room again.
    void go_on();

    const session_info& info() const noexcept { return info_; }

    void begun(const operation_info& info) override;
    bool show(std::string_view output) override;
    void stopped(int signal) override;
    void has_room() override;
    void ended(const operation_result& result) override;
    void failed(const error& problem) override;

private:
    bool has_full_client() const;
    std::vector<std::shared_ptr<session_client>> take_clients();

    terminals& all_;
    std::shared_ptr<terminal_command> command_;
    session_info info_;
    scrollback shown_;
    /// In the order in which they were attached: the window has the size of the last.
    std::vector<std::shared_ptr<session_client>> clients_;
    /// Not before the command has begun.
    std::shared_ptr<session_client> first_;
    window_size first_size_;
};

} // namespace gestvenv::terminal
