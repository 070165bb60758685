// SPDX-License-Identifier: MIT
// Copy-on-write views of folders for one command: it sees a tree as it is, and what it writes there goes into
// a folder of its environment's storage. For builds, which write beside their sources.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gestvenv {

/// A folder in which is built. All paths are absolute, without symbolic links.
struct overlaid_folder {
    std::string folder;
    /// What to lay the overlay over: the folder itself or one around it. The first that can be had is taken.
    std::vector<std::string> candidates;
    /// Touched in the overlay, by name, where they are there: a tool that goes by their times takes nothing
    /// that it has built from an earlier state of the folder.
    std::vector<std::string> touched;
};

/// What a command has before it begins; empty: nothing.
struct overlay_wish {
    std::vector<overlaid_folder> folders;
    /// What below an overlay is shown as it is, and written to: caches, state, storage.
    std::vector<std::string> shown_through;
    /// A folder that does not exist yet, in a folder of the environment's storage that may not either. What
    /// is written goes below it; it is removed when the command has ended. In it is a folder `tmp`, for what
    /// the command itself wants to be rid of then.
    std::string place;

    bool empty() const noexcept { return folders.empty(); }
};

/// Why a folder has no overlay.
struct overlay_problem {
    enum class step : int { mount_namespace, storage, attributes, owner, overlay, inside };
    step at = step::overlay;
    int error_number = 0;
};

/// "no mount namespace can be made (Operation not permitted)"
std::string describe(const overlay_problem& problem);

/// For a single-threaded process that is about to execute a program: moves it into a mount namespace of its
/// own and lays the overlays there. What is mounted below a folder, and sockets that are in use there, are
/// shown as they are. A folder that cannot have one is told of, by its index, and stays as it is. Working
/// folders are to be entered afterwards, by path: a descriptor from before leads below the overlay.
void enter_overlays(const overlay_wish& wish,
                    const std::function<void(std::size_t, overlay_problem)>& not_overlaid);

template <class Inspector>
bool inspect(Inspector& f, overlaid_folder& x) {
    return f.object(x).fields(f.field("folder", x.folder), f.field("candidates", x.candidates),
                              f.field("touched", x.touched));
}

template <class Inspector>
bool inspect(Inspector& f, overlay_wish& x) {
    return f.object(x).fields(f.field("folders", x.folders), f.field("shown_through", x.shown_through),
                              f.field("place", x.place));
}

} // namespace gestvenv
