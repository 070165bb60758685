// SPDX-License-Identifier: MIT
// The launcher as a program: one thread, one loop, in parts by what they do (launcher.cpp has the loop itself).
#pragma once

#include "system/launcher/abilities.hpp"
#include "system/launcher/environment_record.hpp"
#include "system/launcher/helper_process.hpp"
#include "system/launcher/launcher.hpp"
#include "system/launcher/orphan_hunt.hpp"
#include "system/launcher/process_listings.hpp"
#include "system/launcher/usage_sampling.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/terminal_restoration.hpp"
#include "system/process/answer_queue.hpp"
#include "system/process/protocol.hpp"
#include "system/storage/storage_root.hpp"
#include "system/trial_record.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class launcher_process {
public:
    explicit launcher_process(const launcher_options& options)
        : options_(options), channel_(descriptor{options.channel}),
          runtime_(options.runtime >= 0 ? process_handle{options.runtime_pid, descriptor{options.runtime}}
                                        : process_handle{options.runtime_pid, options.runtime_start}),
          terminal_(descriptor{options.terminal}), lock_(options.lock) {}

    int run();

private:
    using clock = std::chrono::steady_clock;

    struct undoing {
        std::uint64_t request;
        helper_process process;
    };

    // The loop, and what ends.
    outcome<void> prepare();
    outcome<void> make_sign_of_life();
    void raise_own_limits();
    void greet();
    std::string attach_path() const;
    void step();
    static int milliseconds_until(clock::time_point wake);
    void reap();
    killing_pass kill_orphans();
    void advance();
    void tidy_groups() const;
    void send(std::string bytes, descriptor attached = {});
    void flush();

    // What the runtime asks for.
    void serve();
    void handle(const protocol::header& head, std::string_view body);
    template <class Body>
    void with(const protocol::header& head, std::string_view bytes,
              void (launcher_process::*handler)(std::uint64_t, Body));
    void set_layout(std::uint64_t request, protocol::set_layout body);
    void create(std::uint64_t request, protocol::create body);
    outcome<std::shared_ptr<storage_root>> open_root(const std::string& path);
    void start_keeper(std::uint64_t request, protocol::start_keeper body);
    void keeper_taken(std::uint64_t, protocol::keeper_taken body);
    void end(std::uint64_t request, protocol::end body);
    void sample(std::uint64_t request, protocol::sample body);
    void list_processes(std::uint64_t request, protocol::list_processes body);
    void undo(std::uint64_t request, protocol::undo body);
    void quit(std::uint64_t request);
    void refuse(std::uint64_t request, error reason);

    launcher_options options_;
    channel channel_;
    process_handle runtime_;
    terminal_restoration terminal_;
    descriptor lock_; // held, never touched: it is free when runtime and launcher are both gone
    descriptor signals_;
    descriptor self_;
    descriptor life_;
    caller_limits of_caller_;
    trial_record trials_;
    abilities able_;
    storage_root attach_root_;
    std::map<std::string, std::weak_ptr<storage_root>> roots_;
    std::map<std::uint64_t, python::venv_layout> layouts_;
    std::map<std::string, std::unique_ptr<environment_record>> table_;
    orphan_hunt orphans_{[this] { return kill_orphans(); }};
    std::vector<undoing> undoings_;
    usage_sampling sampling_;
    process_listings listings_;
    answer_queue outgoing_{[](std::uint64_t request, error why) {
        return protocol::encode(protocol::kind::refused, request, protocol::refused{std::move(why)});
    }};
    bool channel_gone_ = false;
    bool quitting_ = false;
    std::uint64_t quit_request_ = 0;
    clock::time_point farewell_deadline_;
};

} // namespace gestvenv
