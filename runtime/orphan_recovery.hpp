// SPDX-License-Identifier: MIT
// Finishes what crashed runtimes of this user left: what their journals name, in every state folder whose
// lock is free, and marked storage folders that no process holds and no journal knows.
#pragma once

#include "system/process/machine.hpp"

#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Where they may have left something.
struct recovery_places {
    std::filesystem::path state_root;
    /// Storage roots.
    std::vector<std::string> storage_roots;
    /// Where groups of environments are made.
    std::vector<std::string> group_parents;
    /// How long what another program is just removing is waited for.
    std::chrono::milliseconds patience{10'000};
};

/// What no receipt says.
struct recovery_log {
    /// What was done.
    std::function<void(std::string_view)> say;
    /// What a person should look at: a journal that cannot be read or was damaged.
    std::function<void(std::string_view)> warn;
};

/// Whether there is anything but `own`, the state folder of the runtime that asks: also what another living runtime has
/// there. A few system calls.
bool may_have_orphans(const recovery_places& places, const std::filesystem::path& own);

/// One receipt for each environment that was finished or could not be; the receipts of those that are clean
/// go to the archive too. Several callers, in one process or many, share the work: what is left of one
/// environment is finished by the program that holds the first of it, and the others say nothing of it. Takes
/// as long as there is something to remove, a minute for each environment at most; where there is nothing, a
/// few system calls. A state folder whose journal cannot be read has a receipt with its name, and residue of
/// kind `journal`. Of an environment with a resource that this version does not understand nothing is
/// touched, neither on the machine nor in the journal, and the resource is residue.
std::vector<teardown_receipt> recover_orphans(machine& host, const recovery_places& places,
                                              const recovery_log& log);

} // namespace gestvenv
