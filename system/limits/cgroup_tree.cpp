// SPDX-License-Identifier: MIT
#include "system/limits/cgroup_tree.hpp"

#include "system/limits/cgroup_mounts.hpp"
#include "system/limits/cgroup_trial.hpp"
#include "system/limits/unit_group.hpp"
#include "system/posix/system_failure.hpp"
#include "system/trial_record.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

// What limits are made of.
constexpr std::array<std::string_view, 3> wanted_controllers{"memory", "cpu", "pids"};

std::vector<std::string> words_of(const std::string& file) {
    std::vector<std::string> words;
    const auto text = content_of_table(file.c_str());
    for (std::string_view rest = text; !rest.empty();) {
        auto line = take_until(rest, '\n');
        while (!line.empty())
            if (auto word = take_until(line, ' '); !word.empty())
                words.emplace_back(word);
    }
    return words;
}

std::vector<std::string> wanted_of(std::vector<std::string> controllers) {
    std::erase_if(controllers, [](const std::string& controller) {
        return std::find(wanted_controllers.begin(), wanted_controllers.end(), controller) ==
               wanted_controllers.end();
    });
    return controllers;
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

} // namespace

bool cgroup_tree::has(std::string_view controller) const {
    return std::find(controllers_.begin(), controllers_.end(), controller) != controllers_.end();
}

outcome<std::vector<std::string>> cgroup_tree::try_group() const {
    auto probe = make_cgroup_trial(*this);
    if (!probe) {
        // The trial's own name would help no reader.
        auto reason = probe.error();
        if (auto at = reason.message.find("/gestvenv-probe-"); at != std::string::npos)
            reason.message.erase(at, reason.message.find(':', at) - at);
        return failure(std::move(reason));
    }
    auto there = words_of(probe->path() + "/cgroup.controllers");
    bool two = exists(probe->path() + "/cgroup.events");
    bool can_kill = !two || ::faccessat(probe->get(), "cgroup.kill", W_OK, 0) == 0;
    auto removed = probe->remove();
    tidy();
    if (!removed)
        return failure(removed.error());
    if (!can_kill)
        return failure(error_code::isolation_unavailable, "this kernel has no cgroup.kill (Linux 5.14)");
    return there;
}

outcome<cgroup_tree> cgroup_tree::probe(std::string path, trial_record* record) {
    cgroup_tree tree;
    tree.path_ = std::move(path);
    // Those that our own group has and may pass on; what it cannot pass on is missing below.
    tree.controllers_ = wanted_of(words_of(tree.path_ + "/cgroup.controllers"));
    remove_orphaned_trials(tree.parent());
    std::vector<std::string> there;
    // What a group passes on decides what is found; a unit's begins to when it is opened, in this same start.
    auto trial = "groups in " + tree.path_;
    for (const auto& controller : words_of(tree.path_ + "/cgroup.subtree_control"))
        trial += " " + controller;
    if (const auto* learnt = record != nullptr ? record->find(trial) : nullptr) {
        std::istringstream words{*learnt};
        for (std::string word; words >> word;)
            there.push_back(std::move(word));
    } else {
        // Trying is the only honest test: delegation, read-only mounts and old kernels all show here.
        if (record != nullptr)
            record->begin_in(tree.parent());
        auto tried = tree.try_group();
        if (record != nullptr && remove_orphaned_trials(tree.parent()))
            record->settle(tree.parent());
        if (!tried)
            return failure(tried.error());
        there = std::move(*tried);
        std::string learnt_now;
        for (const auto& controller : there)
            learnt_now += (learnt_now.empty() ? "" : " ") + controller;
        if (record != nullptr)
            record->note(trial, learnt_now);
    }
    std::erase_if(tree.controllers_, [&](const std::string& controller) {
        return std::find(there.begin(), there.end(), controller) == there.end();
    });
    return tree;
}

outcome<cgroup_tree> cgroup_tree::find(trial_record* record, const cgroup_tables& tables) {
    auto mounted = tables.find_mount("cgroup2", {});
    if (mounted.point.empty())
        return failure(error_code::isolation_unavailable, "there is no cgroup v2 tree");
    auto folder = tables.own_folder(mounted, {});
    // The group at the root may hold processes and pass controllers on; doing so changes nothing for others.
    if (folder == mounted.point)
        for (const auto& controller : wanted_of(words_of(folder + "/cgroup.controllers")))
            std::ofstream{folder + "/cgroup.subtree_control"} << "+" << controller;
    auto own = probe(folder, record);
    if (own && !own->controllers_.empty())
        return own;
    // Up to the nearest group that passes controllers on, or that we may have pass them on. Not out of a unit
    // that ends as a whole, nor out of limits that have been set.
    for (bool ours = true;; folder.erase(folder.rfind('/'))) {
        auto offered = wanted_of(words_of(folder + "/cgroup.controllers"));
        bool passes = !words_of(folder + "/cgroup.subtree_control").empty();
        if (!passes && ours && !offered.empty() && is_delegated(folder))
            passes = open_delegated(folder, offered);
        if (passes)
            if (auto above = probe(folder, record); above && !above->controllers_.empty())
                return above;
        if (folder.size() <= mounted.point.size())
            break;
        if (must_stay_in(folder)) {
            if (own)
                own->kept_in_ = folder;
            break;
        }
        ours = ours && !is_unit(folder);
    }
    return own;
}

outcome<cgroup_tree> cgroup_tree::find_version_one(std::string_view controller, trial_record* record,
                                                   const cgroup_tables& tables) {
    auto mounted = tables.find_mount("cgroup", controller);
    if (mounted.point.empty())
        return failure(error_code::isolation_unavailable,
                       "there is no cgroup v1 hierarchy with the controller " + std::string{controller});
    return probe(tables.own_folder(mounted, controller), record);
}

std::string cgroup_tree::folder_of_memory(const std::optional<cgroup_tree>& groups,
                                          const cgroup_tables& tables, bool& version_one) {
    auto mounted = tables.find_mount("cgroup", "memory");
    version_one = !mounted.point.empty();
    if (version_one)
        return tables.own_folder(mounted, "memory");
    mounted = tables.find_mount("cgroup2", {});
    if (mounted.point.empty())
        return {};
    auto folder = groups ? groups->path_ : tables.own_folder(mounted, {});
    // Without the controller it counts to the nearest group above that has it.
    while (!exists(folder + "/memory.events")) {
        if (folder.size() <= mounted.point.size())
            return {};
        folder.erase(folder.rfind('/'));
    }
    return folder;
}

void cgroup_tree::pass_controllers_on() const {
    if (controllers_.empty())
        return;
    std::string all;
    for (const auto& controller : controllers_)
        all += (all.empty() ? "+" : " +") + controller;
    descriptor file{::open((parent() + "/cgroup.subtree_control").c_str(), O_WRONLY | O_CLOEXEC)};
    if (file && ::write(file.get(), all.data(), all.size()) >= 0)
        return;
    // One of them is not to be had here: each by itself, so that the others are.
    for (const auto& controller : controllers_)
        if (file)
            (void)!::write(file.get(), ("+" + controller).data(), controller.size() + 1);
}

outcome<cgroup> cgroup_tree::make(const std::string& name) const {
    auto folder_of_all = parent();
    // Bounded: another program of ours may tidy the parent away between the two calls.
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (::mkdir(folder_of_all.c_str(), 0755) < 0 && errno != EEXIST)
            return system_failure(errno, "cannot create the cgroup " + folder_of_all);
        pass_controllers_on();
        auto path = folder_of_all + "/" + name;
        if (::mkdir(path.c_str(), 0755) == 0)
            return cgroup::open_made(path);
        if (errno == EEXIST)
            return failure(error_code::name_in_use, "the cgroup " + path + " exists already");
        if (errno != ENOENT)
            return system_failure(errno, "cannot create the cgroup " + path);
    }
    return failure(error_code::system_failure, "the cgroup " + folder_of_all + " keeps disappearing");
}

void cgroup_tree::tidy() const noexcept {
    ::rmdir(parent().c_str());
}

} // namespace gestvenv
