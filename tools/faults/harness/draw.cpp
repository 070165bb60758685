// SPDX-License-Identifier: MIT
#include "tools/faults/harness/draw.hpp"

#include "actors/supervision/child_specification.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <random>
#include <string_view>

namespace gestvenv::faults {

namespace {

constexpr std::array storages{storage_backend::tmpfs, storage_backend::memory, storage_backend::disk};
constexpr std::array containments{containment::pid_namespace, containment::cgroup, containment::subreaper};

// What only the next start does.
bool is_of_recovery(std::string_view name) {
    return name.starts_with("recovery:") || name.find("undo a ") != std::string_view::npos ||
           name.find("by path") != std::string_view::npos;
}

// What is known without a journal.
bool is_without_journal(std::string_view name) {
    return name.find("orphaned") != std::string_view::npos;
}

bool is_of_installation(std::string_view name) {
    return name.find("install_atom") != std::string_view::npos;
}

// Comes about once a second, whatever else is done.
bool is_periodic(std::string_view name) {
    return name.find("tick_atom") != std::string_view::npos ||
           name.find("sweep_atom") != std::string_view::npos || name == "journal: is about to be kept up";
}

bool names(std::string_view name, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [name](auto part) { return name.find(part) != name.npos; });
}

constexpr const char* takeover_of_state_folder = "state folder: is taken over";

// What a run comes to only after something else: most often another fault.
void bring_about(cycle& what) {
    if (names(what.step, {"crash_atom", "restarted_atom"})) {
        what.kind_before = fault_kind::kill_receiver;
        what.step_before = "message: gestvenv::watch_atom is about to be sent"; // to a service
    } else if (names(what.step, {"launcher_lost_atom", "keeper: the launcher is gone"})) {
        what.kind_before = fault_kind::kill_launcher;
        what.step_before = "launcher: is about to end an environment";
    } else if (names(what.step, {"torn_down_atom"})) {
        what.kind_before = fault_kind::journal_fails_once;
        what.step_before = "journal: is about to cross out";
    } else if (names(what.step, {"give_up_atom"})) {
        what.kind_before = fault_kind::kill_receiver;
        what.step_before = "message: gestvenv::tick_atom is about to be sent"; // to a service
        what.times_before = supervision_settings{}.intensity + 1;
    } else if (names(what.step, {"undo a keeper"})) {
        what.leaves_stopped_keepers = true;
        // Without groups and without a folder, a stopped keeper is known to the journal alone.
        what.loses_journal = what.loses_journal && what.storage != storage_backend::tmpfs;
    } else if (what.step == takeover_of_state_folder) {
        what.follows_another = true;
        what.beside_another = false; // it might take the folder over itself
    }
    what.waits_for_the_fault = is_periodic(what.step) || what.kind_before != fault_kind::none;
}

// Also in the next start, which opens a journal, starts a launcher and ends it like any other run.
bool may_be_of_recovery(std::string_view name) {
    if (name == takeover_of_state_folder) // a program that was killed has left none to take over
        return false;
    return is_of_recovery(name) || name.starts_with("journal:") || name.starts_with("state folder:") ||
           name.starts_with("archive:") || name.starts_with("runtime:") || name.starts_with("helper:") ||
           name.starts_with("removal:") || name.starts_with("group:");
}

} // namespace

std::vector<fault_kind> kinds_at(const step& where) {
    std::vector<fault_kind> kinds{fault_kind::kill_runtime,       fault_kind::kill_launcher,
                                  fault_kind::kill_keepers,       fault_kind::kill_runtime_and_launcher,
                                  fault_kind::kill_all,           fault_kind::clock_ahead,
                                  fault_kind::clock_back,         fault_kind::journal_fails,
                                  fault_kind::journal_fails_once, fault_kind::journal_full};
    std::string_view name = where.name;
    // The launcher is gone by then: without keepers as well, this is the one hole (docs/security.md), and
    // no one there to tell.
    if (name == "keeper: the launcher is gone")
        std::erase(kinds, fault_kind::kill_keepers);
    bool launchers = false;
    for (const char* part : {"launcher:", "group:", "keeper:", "helper:", "removal:", "tree:"})
        launchers |= name.starts_with(part);
    if (name.starts_with("message:")) {
        kinds.push_back(fault_kind::kill_receiver);
        if (where.has_sender) {
            kinds.push_back(fault_kind::kill_sender);
            kinds.push_back(fault_kind::exception);
        }
    } else if (!launchers) {
        kinds.push_back(fault_kind::exception);
    }
    return kinds;
}

cycle draw(std::uint64_t seed, std::uint64_t number, bool is_root) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
    std::mt19937_64 random{words};
    // The standard's distributions differ between libraries, the engine does not.
    auto below = [&random](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const auto& steps = all_steps();
    const auto& where = steps[below(steps.size())];
    auto kinds = kinds_at(where);
    cycle result;
    result.step = where.name;
    result.kind = kinds[below(kinds.size())];
    result.occurrence = static_cast<std::uint32_t>(1 + below(where.times));
    result.storage = storages[below(storages.size())];
    result.best = containments[below(containments.size())];
    result.ordinary_user = below(3) == 0 && is_root;
    result.beside_another = below(4) == 0;
    result.installs = below(4) == 0 || is_of_installation(where.name);
    result.in_recovery = is_of_recovery(where.name) || (may_be_of_recovery(where.name) && below(3) == 0);
    result.default_roots = below(2) == 0;
    result.automatic_recovery = below(2) == 0;
    result.loses_journal = result.in_recovery && (is_without_journal(where.name) || below(8) == 0);
    bring_about(result);
    return result;
}

std::vector<cycle> walk(storage_backend storage, containment best, bool ordinary_user) {
    std::vector<cycle> cycles;
    for (const auto& where : all_steps())
        for (auto kind : kinds_at(where)) {
            cycle next;
            next.storage = storage;
            next.best = best;
            next.ordinary_user = ordinary_user;
            next.installs = is_of_installation(where.name);
            next.kind = kind;
            next.step = where.name;
            next.default_roots = cycles.size() % 2 == 1;
            next.automatic_recovery = cycles.size() / 2 % 2 == 1;
            bring_about(next);
            if (!is_of_recovery(where.name))
                cycles.push_back(next);
            next.in_recovery = true;
            next.loses_journal = is_without_journal(where.name);
            if (may_be_of_recovery(where.name))
                cycles.push_back(next);
        }
    return cycles;
}

std::vector<cycle> short_walk(bool is_root) {
    std::vector<cycle> cycles;
    std::size_t number = 0;
    for (const auto& where : all_steps()) {
        auto kinds = kinds_at(where);
        cycle next;
        next.step = where.name;
        next.kind = kinds[number % kinds.size()];
        next.storage = storages[number % storages.size()];
        next.best = containments[number / storages.size() % containments.size()];
        next.ordinary_user = is_root && number % 4 == 3;
        next.beside_another = number % 5 == 4;
        next.installs = number % 7 == 6 || is_of_installation(where.name);
        next.in_recovery = is_of_recovery(where.name) || (may_be_of_recovery(where.name) && number % 2 == 1);
        next.default_roots = number / 3 % 2 == 1;
        next.automatic_recovery = number / 2 % 2 == 1;
        next.loses_journal = is_without_journal(where.name);
        bring_about(next);
        cycles.push_back(next);
        ++number;
    }
    return cycles;
}

} // namespace gestvenv::faults
