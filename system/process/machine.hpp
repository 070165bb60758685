// SPDX-License-Identifier: MIT
// The machine as the actors see it: storage, keepers, commands and teardown, all without waiting. The real
// one is local_machine.hpp; tests of actors use one that fails on demand.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/command_descriptors.hpp"
#include "system/process/command_link.hpp"
#include "system/process/output_sink.hpp"
#include "system/process/protocol.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/operation_result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// One program to run in an environment.
struct process_request {
    protocol::run program;
    /// What becomes `program.passed`, in its order; empty: this process's descriptors of the same numbers.
    /// One that becomes 0 is standard input.
    std::vector<int> passed_from;
    stream_mode streams = stream_mode::capture;
    std::string standard_input;
    /// Bounds of each captured stream, in bytes; see command_spec.
    std::int64_t memory_limit = 0;
    std::int64_t output_limit = 0;
    /// The environment's folder as the host sees it; what exceeds `memory_limit` goes below it.
    std::string host_path;
    /// Hears captured output while the program runs; may be null.
    std::shared_ptr<output_sink> sink;
    /// Set: where its streams, its terminal and what it is passed come from, in place of this process.
    std::shared_ptr<const command_descriptors> descriptors;
    /// Set: a terminal of its own, and which of its streams that is.
    std::optional<command_terminal> terminal;
    /// By which its host speaks to it while it runs; may be null.
    std::shared_ptr<command_link> link;
};

/// Every function returns at once; each callback runs exactly once, on a thread of the machine, and must not
/// block. Thread-safe.
class machine {
public:
    template <class T>
    using callback = std::function<void(outcome<T>)>;

    machine() = default;
    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;
    virtual ~machine() = default;

    /// Makes a layout known under a number above 0, for later `create`s.
    virtual void set_layout(std::uint64_t number, const python::venv_layout& layout) = 0;
    virtual void create(protocol::create request, callback<protocol::created> done) = 0;
    virtual void start_keeper(protocol::start_keeper request, callback<protocol::keeper_started> done) = 0;
    /// Runs a program in an environment that has a keeper; `done` gets the result without its `command` text,
    /// or why it could not be started or followed (`environment_gone` when the keeper ended).
    virtual void run(const std::string& environment_id, process_request request,
                     callback<operation_result> done) = 0;
    /// Kills a running program with all its descendants; its `run` then answers. Asks them to end first and
    /// kills after `grace` where that is not 0. Unknown numbers are ignored.
    virtual void kill(const std::string& environment_id, std::uint64_t command,
                      std::chrono::milliseconds grace = std::chrono::milliseconds{0}) = 0;
    /// What those environments use that there are, each about 10 us of the launcher's time, and a look at the
    /// files of those whose storage is a folder.
    virtual void sample(std::vector<std::string> environment_ids,
                        callback<std::vector<usage_reading>> done) = 0;
    /// The processes of an environment; `environment_gone` where there is none, or it is ending.
    virtual void list_processes(protocol::list_processes request, callback<protocol::listed> done) = 0;
    virtual void end(protocol::end request, callback<protocol::ended> done) = 0;
    virtual void undo(protocol::undo request, callback<protocol::ended> done) = 0;

    /// Whether the launcher was lost and no other is in its place yet.
    virtual bool launcher_is_lost() const = 0;
    /// After the launcher was lost: starts a new one. Everything made through the old one is gone or, for
    /// folders, left for `undo`. Blocks for some milliseconds, at most 10 s.
    virtual outcome<void> restart() = 0;
    /// What the launcher found possible.
    virtual protocol::greeting greeting() const = 0;
};

} // namespace gestvenv
