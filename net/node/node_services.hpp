// SPDX-License-Identifier: MIT
// What the routes of a node work with.
#pragma once

#include "actors/service_slot.hpp"
#include "net/execution/execution_server.hpp"
#include "net/files/file_workers.hpp"
#include "net/http/server.hpp"
#include "net/node/client_watch.hpp"
#include "net/node/owners.hpp"
#include "net/node/token_store.hpp"
#include "net/observability/observability.hpp"
#include "net/operations/actors.hpp"
#include "net/page/page_service.hpp"
#include "net/terminal/terminals.hpp"
#include "runtime/runtime_core.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gestvenv {

/// Outlives the server. Thread-safe where its parts are.
struct node_services {
    /// Log, metrics and traces; before all others, which use it to their end.
    std::unique_ptr<gestvenv::observability> observability;
    std::shared_ptr<runtime_core> runtime;
    /// The runtime is about to close and may not be asked any more. Of the server's thread.
    bool runtime_closes = false;
    service_slot<operations_actor> operations;
    service_slot<event_streams_actor> events;
    gestvenv::owners owners;
    std::unique_ptr<token_store> tokens;
    std::unique_ptr<client_watch> clients;
    page::page_service page;
    /// Commands over upgraded connections.
    std::unique_ptr<execution::execution_server> commands;
    /// Names by which TCP clients may call this node (RFC 9110, Host), without the port.
    std::vector<std::string> host_names;
    http::server* server = nullptr;
    std::chrono::system_clock::time_point started_at;
    std::filesystem::path state_root;
    /// Where files of environments are read and written.
    files::file_workers file_work;
    terminal::terminals terminals;
    /// An actor that stands for a client's connection: its end is told by anon_send_exit.
    caf::actor new_connection() const;
    /// One that ends when the client of an exchange goes before its answer.
    caf::actor connection_of(http::exchange& what) const;
    /// An answer that stays open as long as an environment lives.
    void hold(const std::string& environment_id, std::shared_ptr<http::body_stream> body);
    /// Ends an environment whose owner has gone.
    void end_without_owner(const std::string& environment_id) const;
    /// The environment is gone, or was never made.
    void forget(const std::string& environment_id);
    /// Begins the idle time anew; from any thread.
    std::function<void()> was_used;
    /// Ends the node in order; from any thread.
    std::function<void()> stop;
    /// Reads the configuration again; answers with what could not be taken over, one sentence each.
    std::function<outcome<std::vector<std::string>>()> reload;

private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<http::body_stream>> held_;
};

} // namespace gestvenv
