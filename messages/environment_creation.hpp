// SPDX-License-Identifier: MIT
// What the actors tell each other while an environment is being made and filled. Not public.
#pragma once

#include "messages/outcome.hpp"
#include "messages/requirement.hpp"

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/resource_limits.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

class command_link;
struct command_descriptors;
class output_sink;

namespace python {
struct interpreter;
} // namespace python

/// What the reaper is asked to make; it writes the intent first.
struct storage_request {
    std::string environment_id;
    std::string name;
    storage_backend storage = storage_backend::tmpfs;
    /// In bytes.
    std::int64_t size = 0;
    /// 0: no virtual environment.
    std::uint64_t layout_number = 0;
    /// Of an actor's own, for something that it wants to know: ends with the actor that sends the intent.
    bool scratch = false;
};

/// What was made.
struct storage_made {
    /// As commands see it, and as the host does.
    std::string storage_path;
    std::string host_path;
    /// E.g. `detached tmpfs`.
    std::string kind;
};

/// Who hears what came of a storage request, in whatever thread it becomes known; called once. Stays in the
/// process.
struct storage_receiver {
    std::function<void(outcome<storage_made>)> answer;
};

/// Receives a command's output while it runs, and lets its host speak to it; null: nothing does. Stays in the
/// process.
struct output_receiver {
    std::shared_ptr<output_sink> sink;
    std::shared_ptr<command_link> link;
    /// Of a caller in another process; null: the command's descriptors are this process's.
    std::shared_ptr<const command_descriptors> descriptors;
};

/// The interpreter of an environment, and the number under which the launcher knows its layout. Stays in the
/// process.
struct interpreter_choice {
    std::shared_ptr<const python::interpreter> interpreter;
    std::uint64_t layout_number = 0;
};

/// What a package backend is to install or uninstall: an install_request or uninstall_request that has passed
/// its checks.
struct package_request {
    std::vector<python::requirement> packages;
    std::vector<std::string> requirements_files;
    std::optional<project_source> project;
    bool upgrade = false;
    bool offline = false;
    std::chrono::milliseconds timeout = install_request{}.timeout;
    std::optional<gestvenv::install_context> install_context;
};

/// What a package backend is to do.
enum class package_action {
    install,
    uninstall,    ///< `request.packages`
    list,         ///< answered as `installed`
    bootstrap_pip ///< the interpreter's own
};

/// One task of a package backend, as the installer gets it. Stays in the process.
struct package_job {
    package_action action = package_action::install;
    std::string environment_id;
    std::string environment_name;
    backend package_backend = backend::uv;
    std::shared_ptr<const python::interpreter> interpreter;
    std::string storage_path;
    std::string host_path;
    /// Free in this environment.
    std::uint64_t command_number = 0;
    /// environment_spec::build_variables.
    std::map<std::string, std::string> build_variables;
    package_request request;
};

template <class Inspector>
bool inspect(Inspector& f, storage_request& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id), f.field("name", x.name),
                              f.field("storage", x.storage), f.field("size", x.size),
                              f.field("layout_number", x.layout_number), f.field("scratch", x.scratch));
}

template <class Inspector>
bool inspect(Inspector& f, storage_made& x) {
    return f.object(x).fields(f.field("storage_path", x.storage_path), f.field("host_path", x.host_path),
                              f.field("kind", x.kind));
}

template <class Inspector>
bool inspect(Inspector&, storage_receiver&) {
    return false; // it cannot be written down, and nothing asks it to be
}

template <class Inspector>
bool inspect(Inspector&, output_receiver&) {
    return false; // it cannot be written down, and nothing asks it to be
}

template <class Inspector>
bool inspect(Inspector&, interpreter_choice&) {
    return false; // it cannot be written down, and nothing asks it to be
}

template <class Inspector>
bool inspect(Inspector&, package_job&) {
    return false; // it cannot be written down, and nothing asks it to be
}

} // namespace gestvenv
