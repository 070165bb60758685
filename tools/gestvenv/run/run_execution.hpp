// SPDX-License-Identifier: MIT
// The middle of a run: the command in its environment, held by this program or by a node.
#pragma once

#include "tools/gestvenv/run/artifact_copy.hpp"
#include "tools/gestvenv/run/run_request.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/environment.hpp>
#include <gestvenv/error.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace gestvenv::cli {

/// What came of a run. The first problem decides the status, all are reported.
struct ending {
    int status = 0;
    std::vector<error> problems;
    /// Limits that the command met: told, and no matter of the status.
    std::vector<error> limits;
    std::optional<teardown_receipt> receipt;
    /// This program ends by it, as its command has; 0: it ends with `status`.
    int signal = 0;

    void failed(const error& problem, int status_of_it) {
        if (problems.empty())
            status = status_of_it;
        problems.push_back(problem);
    }
};

/// What the command is run with.
struct run_surroundings {
    artifact_copier& artifacts;
    termination& signals;
    std::chrono::milliseconds stop_grace;
};

/// Runs the command in front of the caller, shows what was captured of its output, and notes what came of it.
void execute(environment& where, const run_request& request, const environment_info& made,
             const run_surroundings& with, ending& end);

/// Before the environment goes. An artifact that cannot be written is a failure of ours, where the command
/// had none of its own.
void copy_artifacts(artifact_copier& artifacts, ending& end);

/// What came of the artifacts.
void tell(const artifact_copier& artifacts, bool verbose);

/// Tells what went wrong, and returns the exit status, where the program goes on after the command.
int status_after(const ending& end);

/// Tells what went wrong, and ends the program by the signal by which it or its command is to end. Else
/// returns the exit status.
int conclude(const ending& end, const termination& signals);

} // namespace gestvenv::cli
