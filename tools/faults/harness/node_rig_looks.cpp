// SPDX-License-Identifier: MIT
// The end of a cycle of a node, and the looks for what is left of it.
#include "system/journal/state_folder.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/node_connection.hpp"
#include "tools/faults/harness/node_rig.hpp"
#include "tools/faults/harness/rig_support.hpp"

#include <fmt/format.h>

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <sstream>
#include <string_view>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using namespace std::chrono_literals;

// Far above anything that is meant to happen: what takes longer hangs.
constexpr auto longest_end = 60s;
constexpr auto longest_quieting = 10s;

// What stays beside the state folders when no node lives; and the empty folder that the next start takes.
constexpr std::array<std::string_view, 4> staying{"tokens.json", "tokens.lock", "node.log", "ended-"};

} // namespace

// The environments' processes are gone soon; what is there of them is the launcher's, the node's or the next start's.
void node_rig::end_strike_watch(const node_cycle& what, node_report& report) {
    if (!watch_)
        return;
    (void)serve(what, longest_quieting, [&] { return watch_->processes_gone().has_value(); });
    if (auto gone = watch_->processes_gone())
        report.until_quiet = *gone;
    else
        report.faults.push_back(
            fmt::format("after the kill: the environments' processes are not gone after {} s: {}",
                        longest_quieting.count(), watch_->example()));
    watch_.reset();
}

// Environments of owners and of held connections end with them, while the node goes on.
void node_rig::look_at_orphans_of_clients(const node_cycle& what, node_report& report) {
    if (what.strike != node_strike::kill_clients || !struck_ || node_now() <= 0)
        return;
    // A strike before they were there has killed none.
    const bool all_gone = std::all_of(clients_.begin(), clients_.end(), [](const auto& one) {
        return one.second.ended || one.second.killed ||
               (one.second.kind != node_client::owner && one.second.kind != node_client::holder);
    });
    if (!all_gone)
        return;
    std::string listed;
    const bool gone = serve(what, longest_quieting, [&] {
        listed = ask_node(socket(), "GET", "/api/v1/ephemeral/environments");
        return node_now() <= 0 ||
               (listed.find("\"name\":\"o") == listed.npos && listed.find("\"name\":\"p") == listed.npos);
    });
    if (!gone)
        report.faults.push_back("environments did not end with their clients: " + listed);
}

void node_rig::end_node(const node_cycle& what, node_report& report) {
    auto stop = [&] {
        int status = 0;
        const auto said = tool(what, {"node", "stop"}, &status);
        if (status != 0)
            report.faults.push_back("`node stop` failed: " + said);
    };
    stop();
    if (node_ > 0 && !serve(what, longest_end, [&] { return node_status_.has_value(); })) {
        report.faults.push_back("the node did not end: " + describe(node_));
        ::kill(node_, SIGKILL);
    }
    const bool over = serve(what, longest_end, [&] {
        return std::all_of(clients_.begin(), clients_.end(),
                           [](const auto& one) { return one.second.ended; });
    });
    if (!over)
        for (const auto& [pid, client] : clients_)
            if (!client.ended) {
                report.faults.push_back(fmt::format("a client hangs after the node's end: {}, {}",
                                                    to_string(client.kind), describe(pid)));
                ::kill(-pid, SIGKILL);
            }
    stop(); // a command may have started another one meanwhile
}

void node_rig::judge_node(const node_cycle& what, node_report& report) const {
    if (node_ < 0 || !node_status_)
        return;
    const auto log = content_of(work_ / "node.log");
    const auto status = *node_status_;
    if (log.find("terminate called") != log.npos || log.find("Sanitizer") != log.npos)
        report.faults.emplace_back("the node crashed");
    if (WIFSIGNALED(status) && !(WTERMSIG(status) == SIGKILL && kills_node(what.strike)))
        report.faults.push_back(fmt::format("the node ended by signal {}", WTERMSIG(status)));
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
        return;
    if (what.strike != node_strike::injected && !kills(what.strike))
        report.faults.push_back(fmt::format("the node ended with status {}", WEXITSTATUS(status)));
    else if (log.find("error:") == log.npos)
        report.faults.push_back(
            fmt::format("the node ended with status {} without a word", WEXITSTATUS(status)));
}

void node_rig::judge_clients(node_report& report) {
    for (const auto& [pid, client] : clients_) {
        client_scene scene;
        scene.number = client.number;
        scene.folder = work_ / "clients";
        std::istringstream lines{content_of(findings_of(scene))};
        for (std::string line; std::getline(lines, line);)
            report.faults.push_back(line);
        if (client.ended && !client.killed && WIFSIGNALED(client.status))
            report.faults.push_back(fmt::format("a client hung or crashed: {}, by signal {}",
                                                to_string(client.kind), WTERMSIG(client.status)));
        report.said += content_of(words_of(scene));
    }
}

void node_rig::next_start(const node_cycle& what, node_report& report) {
    int status = 0;
    auto said = tool(what, {"node", "start"}, &status);
    if (status != 0)
        report.faults.push_back("the next start failed: " + said);
    const auto listed = ask_node(socket(), "GET", "/api/v1/ephemeral/environments");
    if (listed.find("\"items\":[]") == listed.npos)
        report.faults.push_back("the next node has environments: " + listed);
    // It finishes what is left in the background; its own state folder stays.
    (void)serve(what, longest_quieting, [&] {
        std::error_code absent;
        std::size_t folders = 0;
        for (files::directory_iterator entry{state(), absent}, end; !absent && entry != end;
             entry.increment(absent))
            folders += entry->is_directory(absent) && !state_folder::is_spare(entry->path()) ? 1 : 0;
        return folders <= 1 && storages().empty();
    });
    said = tool(what, {"token", "list", "--format", "json"}, &status);
    if (status != 0)
        report.faults.push_back("the tokens cannot be read: " + said);
    said = tool(what, {"node", "stop"}, &status);
    if (status != 0)
        report.faults.push_back("the next node did not end: " + said);
}

void node_rig::look_at_places(node_report& report) const {
    std::error_code absent;
    for (files::directory_iterator entry{state(), absent}, end; !absent && entry != end;
         entry.increment(absent)) {
        const auto name = entry->path().filename().string();
        if (state_folder::is_spare(entry->path()))
            continue;
        const bool stays = std::any_of(staying.begin(), staying.end(),
                                       [&](auto known) { return std::string_view{name}.starts_with(known); });
        if (!stays || entry->is_directory(absent))
            report.faults.push_back(fmt::format("after the next start: {} is there", entry->path().string()));
    }
    if (files::exists(work_ / "run" / "gestvenv", absent))
        report.faults.emplace_back("after the next start: the socket's folder is there");
}

} // namespace gestvenv::faults
