// SPDX-License-Identifier: MIT
#include "system/launcher/helper_process.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/clone.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/launcher/shown_environment.hpp"
#include "system/limits/cgroup.hpp"
#include "system/posix/close_descriptors.hpp"
#include "system/posix/process_facts.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/system_failure.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/open_folder.hpp"
#include "system/storage/owner_marker.hpp"
#include "system/storage/remove_tree.hpp"
#include "system/storage/storage_root.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::chrono::seconds cgroup_limit{5};
constexpr std::chrono::seconds process_limit{8}; // as for kill_limit in environment_record.cpp
constexpr std::chrono::milliseconds process_pass{100};

std::string reason(int problem) {
    return std::strerror(problem); // NOLINT(concurrency-mt-unsafe)
}

// Why a folder that a journal names is to be left alone; empty: it is not.
std::string why_left(const descriptor& root, const std::string& name, const owner_marker& marker,
                     const std::string& owner) {
    switch (marker.found) {
    case owner_marker::finding::no_folder:
        break;
    case owner_marker::finding::marked:
        return marker.owner == owner ? "" : "it carries another owner's marker and was left alone";
    case owner_marker::finding::unknown:
        return "its owner cannot be found out: " + reason(marker.problem);
    case owner_marker::finding::unmarked:
        // A crash has come before the marker, or a command has removed it. It names no other owner, and no
        // other user can have made a folder with this name in this place.
        if (!is_identifier(name) || !marker.of_this_user || !belongs_to_us_alone(root))
            return "it carries no owner's marker and may be another user's";
    }
    return {};
}

void undo_folder(const std::string& path, const std::string& owner, protocol::ended& report) {
    auto leave = [&](std::string why) { report.residue.push_back({"folder", path, std::move(why)}); };
    auto slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0)
        return leave("it is not below a storage root");
    auto name = path.substr(slash + 1);
    auto root = path.substr(0, slash);
    descriptor parent{::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!parent) {
        if (errno != ENOENT)
            leave("its storage root cannot be opened: " + reason(errno));
        return;
    }
    fault_point("helper: is about to undo a folder");
    auto marker = read_owner_marker(parent, name);
    if (marker.found == owner_marker::finding::unknown && marker.problem == EXDEV) {
        report.residue.push_back({"mount", path, "something is mounted there"});
        return;
    }
    if (auto why = why_left(parent, name, marker, owner); !why.empty())
        return leave(std::move(why));
    if (marker.found != owner_marker::finding::no_folder) {
        auto removed = remove_folder(parent, path, name);
        report.add(removed);
        std::move(removed.residue.begin(), removed.residue.end(), std::back_inserter(report.residue));
    }
    parent.reset();
    remove_unused_root(root);
}

bool is_keeper(const protocol::noted_process& noted) {
    auto pid = static_cast<pid_t>(noted.pid);
    std::string name;
    std::ifstream{"/proc/" + std::to_string(pid) + "/comm"} >> name;
    return name == "gestvenv-keeper" && start_time_of(pid) == noted.start_time;
}

void undo_keeper(const protocol::noted_process& noted, protocol::ended& report) {
    auto pid = static_cast<pid_t>(noted.pid);
    auto held = open_process(pid);
    if (!held || !is_keeper(noted)) // after it is held: so it is the one that is held
        return;
    fault_point("helper: is about to undo a keeper");
    // The tree is walked by the keeper's number, which is its own as long as it lives: a stopped one does not
    // end by itself, and each pass looks again, because another process may end it.
    (void)send_signal(*held, SIGSTOP); // one that is gone meanwhile is what we want
    if (!has_ended(*held))
        report.processes_killed += static_cast<std::int64_t>(living_descendants(pid).size());
    const auto deadline = std::chrono::steady_clock::now() + process_limit;
    std::vector<pid_t> left{pid};
    while (!left.empty() && !has_ended(*held) && std::chrono::steady_clock::now() < deadline)
        left = kill_descendants(pid, process_pass);
    if (!has_ended(*held))
        for (auto one : left)
            if (one != pid)
                report.residue.push_back({"process", std::to_string(one), "it does not end"});
    (void)send_signal(*held, SIGKILL);
    if (!has_ended(*held, process_limit))
        report.residue.push_back(
            {"process", std::to_string(pid), "the keeper does not end" + what_holds(pid)});
}

void undo_cgroup(const std::string& path, protocol::ended& report) {
    fault_point("helper: is about to undo a group");
    auto group = cgroup::open_ours(path);
    if (!group) {
        if (::access(path.c_str(), F_OK) == 0)
            report.residue.push_back({"cgroup", path, group.error().message});
        return;
    }
    report.processes_killed += group->count();
    const auto deadline = std::chrono::steady_clock::now() + cgroup_limit;
    auto killed = group->kill();
    while (group->populated() && std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 1);
        killed = group->kill(); // again: in version 1 those that were forked meanwhile are still there
    }
    if (!killed)
        report.residue.push_back({"cgroup", path, killed.error().message});
    if (auto removed = group->remove())
        report.cgroups_removed += *removed;
    else
        report.residue.push_back({"cgroup", path, removed.error().message});
    // The parent `gestvenv` goes with its last group.
    ::rmdir(path.substr(0, path.rfind('/')).c_str());
}

} // namespace

outcome<helper_process> helper_process::start(const std::function<protocol::ended()>& work,
                                              std::vector<int> kept) {
    auto as_bytes = [&work] {
        auto report = work();
        return wire::to_bytes(report);
    };
    return start_any(as_bytes, std::move(kept));
}

outcome<helper_process> helper_process::start_any(const std::function<std::string()>& work,
                                                  std::vector<int> kept) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        return system_failure(errno, "cannot create a pipe for a helper");
    helper_process result;
    result.reader_ = descriptor{ends[0]};
    descriptor writer{ends[1]};
    auto launcher = ::getpid();
    auto child = clone_process(0, -1, false);
    if (!child)
        return failure(child.error());
    if (child->pid == 0) {
        ::prctl(PR_SET_NAME, "gestvenv-helper");
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (::getppid() != launcher)
            ::_exit(1);
        kept.push_back(writer.get());
        close_all_but(std::move(kept));
        fault_point("helper: begins");
        auto bytes = work();
        fault_point("helper: is about to report");
        for (std::string_view rest = bytes; !rest.empty();) {
            auto written = ::write(writer.get(), rest.data(), rest.size());
            if (written <= 0)
                ::_exit(1);
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        ::_exit(0);
    }
    result.pid_ = child->pid;
    ::fcntl(result.reader_.get(), F_SETFL, O_NONBLOCK);
    return result;
}

bool helper_process::read() {
    std::array<char, 4096> buffer{};
    for (;;) {
        auto got = ::read(reader_.get(), buffer.data(), buffer.size());
        if (got > 0)
            bytes_.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got == 0)
            return true;
        else if (errno != EINTR)
            return errno != EAGAIN;
    }
}

protocol::ended helper_process::report() const {
    if (auto report = wire::from_bytes<protocol::ended>(bytes_))
        return *report;
    protocol::ended report;
    report.residue.push_back({"folder", "", "the process that removes it ended without a report"});
    return report;
}

protocol::ended remove_folder(const descriptor& parent, const std::string& path, const std::string& name) {
    protocol::ended report;
    auto add = [&report](const tree_removal& removed, const std::string& place) {
        report.files_removed += removed.files;
        report.bytes_removed += removed.bytes;
        for (const auto& item : removed.residue)
            report.residue.push_back(
                {item.kind, item.name.empty() ? place : place + "/" + item.name, item.why});
    };
    fault_point("helper: is about to remove a folder");
    // The marker goes last: a removal cut short is then still known as ours to the next start.
    // What cannot be opened is not passed over: the second removal fails for the same reason, and says so.
    if (auto folder = open_for_removal(parent.get(), name.c_str()))
        add(remove_tree(folder, storage_folder_name), path + "/" + storage_folder_name);
    fault_point("helper: has emptied a folder");
    if (report.residue.empty())
        add(remove_tree(parent, name), path);
    return report;
}

protocol::ended carry_out(const protocol::undo& request) {
    protocol::ended report;
    for (const auto& keeper : request.keepers)
        if (keeper.pid >= 0)
            undo_keeper(keeper, report);
        else
            for (const auto& found : keepers_of(request.environment_id))
                undo_keeper(found, report);
    for (const auto& path : request.cgroups)
        undo_cgroup(path, report);
    for (const auto& path : request.folders)
        undo_folder(path, request.owner_marker, report);
    return report;
}

} // namespace gestvenv
