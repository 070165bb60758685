// SPDX-License-Identifier: MIT
// Runs a node with clients in folders of its own, strikes, and looks for what is left of the node, of its environments
// and of its clients' requests: at once, and after the next start.
#pragma once

#include "tools/faults/harness/node_clients.hpp"
#include "tools/faults/harness/node_cycle.hpp"
#include "tools/faults/harness/rig.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

struct node_report {
    /// Whether the strike came.
    bool struck = false;
    /// What was left, hung, or went wrong for a client: one sentence each.
    std::vector<std::string> faults;
    /// What the node and the clients said.
    std::string said;
    /// From a strike that kills until no process of an environment was left.
    std::chrono::milliseconds until_quiet{0};
    std::vector<cycle_report::met_step> met;
};

class node_rig : private rig {
public:
    /// `built` are the node's program and the launcher, both with the injector. Throws std::runtime_error.
    node_rig(const programs& built, const std::filesystem::path& place);

    node_report run(const node_cycle& what);

private:
    using clock = std::chrono::steady_clock;

    void prepare();
    void plan_strike(const node_cycle& what);
    std::vector<std::string> variables() const;
    std::filesystem::path state() const { return work_ / "state" / "gestvenv"; }
    std::filesystem::path socket() const { return work_ / "run" / "gestvenv" / "node.sock"; }
    void start_node();
    void start_client(const node_cycle& what, node_client kind, std::size_t number);
    /// Reaps, strikes where it is time, and looks; until `over`, or the deadline. Whether it was over.
    bool serve(const node_cycle& what, std::chrono::milliseconds limit, const std::function<bool()>& over);
    void reap();
    void strike(const node_cycle& what);
    pid_t node_now() const;
    pid_t launcher_now() const;
    bool clients_of_a_while_are_over() const;
    /// Runs the quiet program; its output, and its status where it is wanted.
    std::string tool(const node_cycle& what, std::vector<std::string> words, int* status = nullptr);

    // In node_rig_looks.cpp.
    void end_strike_watch(const node_cycle& what, node_report& report);
    void look_at_orphans_of_clients(const node_cycle& what, node_report& report);
    void end_node(const node_cycle& what, node_report& report);
    void judge_node(const node_cycle& what, node_report& report) const;
    void judge_clients(node_report& report);
    void next_start(const node_cycle& what, node_report& report);
    void look_at_places(node_report& report) const;

    struct child {
        node_client kind = node_client::worker;
        std::size_t number = 0;
        bool ended = false;
        bool killed = false;
        int status = 0;
    };
    pid_t node_ = -1;
    std::optional<int> node_status_;
    descriptor ready_;
    std::map<pid_t, child> clients_;
    std::map<pid_t, std::optional<int>> tools_;
    std::optional<clock::time_point> strike_at_;
    std::optional<clock::time_point> continue_at_;
    bool struck_ = false;
};

} // namespace gestvenv::faults
