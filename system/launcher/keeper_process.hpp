// SPDX-License-Identifier: MIT
// The keeper as a program: one thread, one loop, in parts by what they do (keeper.cpp has the loop itself).
#pragma once

#include "system/launcher/command_start.hpp"
#include "system/launcher/keeper.hpp"
#include "system/launcher/keeper_birth.hpp"
#include "system/launcher/keeper_command.hpp"
#include "system/launcher/limit_watch.hpp"
#include "system/process/answer_queue.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class keeper_process {
public:
    explicit keeper_process(const keeper_setup& setup) : setup_(setup), watch_(setup) {}

    [[noreturn]] void run();

private:
    using clock = std::chrono::steady_clock;
    using command = keeper_command;

    /// For the end of all that a keeper kills.
    static constexpr std::chrono::milliseconds tree_limit{5000};

    // The loop, and what ends.
    void step();
    int milliseconds_to_wait() const;
    [[noreturn]] void end_with_launcher();
    void take_signals();
    void ask_all_to_end();
    void reap();
    [[noreturn]] void finish();
    void mark_ended(command& item);
    void read_report(command& item);
    static void note_not_overlaid(command& item, const command_report& report);
    void settle();
    void tell_stop(const command& item, int number);
    void tell_end(const command& item);
    void answer(std::string bytes);
    void flush();

    // What the runtime asks for.
    void serve();
    void begin(std::uint64_t request, std::string_view body, const std::vector<descriptor>& streams);
    void kill(std::string_view body);
    void signal(std::string_view body);
    void show_what_is_named(const protocol::run& spec);
    void refuse(std::uint64_t request, std::uint64_t number, error reason);

    // How many processes there are, and which are too many.
    void begin_counting();
    clock::duration pause() const;
    bool knows_by_number() const noexcept;
    void note_processes(const std::vector<pid_t>& all);
    void look();
    void count_processes();
    void kill_left_behind();
    void kill_unguarded();
    void count_segments();

    const keeper_setup& setup_;
    descriptor signals_;
    // Few at a time, and references into it are held across push_back nowhere: a deque keeps both simple.
    std::deque<command> commands_;
    std::vector<cgroup> lingering_;
    answer_queue outgoing_{[](std::uint64_t request, error why) {
        return protocol::encode(protocol::kind::not_started, request,
                                protocol::not_started{request, std::move(why)});
    }};
    outcome<void> limits_entered_;
    bool counting_ = false;
    clock::time_point next_count_;
    clock::time_point next_processes_;
    limit_watch watch_;
    shared_memory_view shm_;
    bool ending_ = false;
    bool runtime_gone_ = false;
};

} // namespace gestvenv
