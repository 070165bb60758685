// SPDX-License-Identifier: MIT
// The node: one program that holds environments for others, from its start to its end.
#pragma once

#include "messages/outcome.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

struct node_options {
    /// Parent of the state folders; empty: `${XDG_STATE_HOME:-~/.local/state}/gestvenv`.
    std::filesystem::path state_root;
    /// The Unix socket; empty: `node.sock` in node_socket_folder(). Not made where the service manager hands one over.
    std::filesystem::path socket;
    /// Addresses of TCP, `127.0.0.1:8080`; beyond loopback only with TLS.
    std::vector<std::string> listen;
    /// PEM files; both or none.
    std::filesystem::path certificate;
    std::filesystem::path key;
    /// Names by which TCP clients may call it, beside loopback's and those listened at.
    std::vector<std::string> host_names;
    /// The configuration file, as load_configuration() takes it.
    std::filesystem::path configuration_file;
    bool offline = false;
    /// Without an environment, a stream or an operation for so long, it ends; `max()`: never.
    std::chrono::seconds idle_end{30};
    /// Written to when it is ready (`ready`), or cannot be (`error: ...`), and then closed; -1: none.
    int ready_descriptor = -1;
    /// Where it is possible to stop: the node is a part of this process, on one of its threads, at `socket`. No record names
    /// it, signals are left to the process, nothing but a stop ends it, and there may be other threads.
    std::stop_token within;
    /// Of one with `within`, what happens, one line each, from any thread; another one has the log below.
    std::function<void(std::string_view)> log;
    /// Each wins over the variable and the configuration: `text` or `json`; `debug`, `info`, `warning` or `error`; a
    /// file. Empty: not given.
    std::string log_format;
    std::string log_level;
    std::filesystem::path log_file;
    /// The file where none is named anywhere; empty: standard error.
    std::filesystem::path usual_log_file;
};

/// Runs a node in this process, which must have no other threads yet (but see `within`), until it is told to end: by SIGTERM or SIGINT, by
/// a request, or because nothing has used it. SIGHUP reads the configuration again. Returns when nothing of it is left;
/// the error says why it could not start, or what is left.
outcome<void> run_node(const node_options& options);

} // namespace gestvenv
