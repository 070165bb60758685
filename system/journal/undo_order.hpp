// SPDX-License-Identifier: MIT
// What it takes to undo all that one environment has, as the journal knows it: the one place where entries
// become an order, for a reaper whose launcher is lost and for the next start alike.
#pragma once

#include "system/journal/resource_record.hpp"
#include "system/process/protocol.hpp"

#include <span>
#include <vector>

namespace gestvenv {

struct undo_order {
    /// The launcher's part. It undoes keepers first, then groups, then folders; an answer without residue
    /// proves that all of it is gone.
    protocol::undo by_launcher;
    /// Entries that this version does not understand, and why not. What undoing them takes is unknown, and
    /// whether anything else of the environment may be undone before them: so nothing of it is.
    std::vector<residue> not_understood;

    /// Of all resources of one environment.
    static undo_order of(std::span<const unfinished_resource> resources);
};

} // namespace gestvenv
