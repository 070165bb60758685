// SPDX-License-Identifier: MIT
// A node's environments in a host program, with the functions of `runtime`. A host needs only this header and those that
// it includes.
//
//     gestvenv::client client{{.socket = "/run/user/1000/gestvenv/node.sock"}};
//     auto env = client.create({.name = "test", .packages = {"requests"}});
//     auto result = env.execute("python -c 'import requests; print(requests.__version__)'");
//     auto receipt = env.destroy();    // or leave it to the destructor, or let it live on: env.release()
#pragma once

#include <gestvenv/environment.hpp>
#include <gestvenv/runtime.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Where the node is, and who asks. Exactly one of `socket` and `host` is given.
struct client_options {
    /// Path of the node's Unix socket.
    std::string socket;
    /// Name or address of the node's machine, and its port: over TLS, and on the loopback without it if `encrypted` is
    /// false. The node then wants a token.
    std::string host;
    std::uint16_t port = 0;
    bool encrypted = true;
    /// PEM file of the authorities that are trusted; empty: the system's.
    std::string authorities;
    /// As `gestvenv token create` prints it; not used on a Unix socket.
    std::string token;
    /// Environments that this object makes end with this process of this machine, too; 0: with none. On a Unix socket
    /// alone.
    std::int64_t owner_pid = 0;
    /// Receives messages that no return value can carry: failures in destructors. As `runtime_options::log`.
    std::function<void(std::string_view)> log;
};

/// Speaks to one node. All functions are thread-safe, block until done, and throw what those of `runtime` throw; where
/// the node does not answer, ephemeral_exception with `node_unreachable`.
///
/// Over a Unix socket a command has the streams, the terminal and the descriptors of this process that `command_spec`
/// names; paths are those of this machine, and installers get the variables and the folder of this process unless the
/// request says otherwise. Over TCP paths are those of the node's machine, commands are captured, and their output and
/// signals are not passed on while they run: `command_control` can end them.
///
/// The client is a guest in its host, as `runtime` is. In a forked child every function throws (`shutting_down`).
class client {
public:
    /// Throws invalid_argument_exception for options that do not fit each other. Does not connect yet.
    explicit client(client_options options);
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    /// Ends requests and commands under way with `shutting_down`. Environments live on; objects that still own one can
    /// not end it any more.
    ~client();

    /// Requests under way fail with `shutting_down`, and so do later ones. Waits for nothing; from any thread.
    void cancel() noexcept;

    /// As `runtime::create`. Environments that are released, or whose object cannot reach the node any more, live until
    /// their time to live or idle time is over.
    environment create(environment_spec spec = {});
    environment create(environment_spec spec, std::stop_token stop);
    std::future<environment> create_async(environment_spec spec = {}, std::stop_token stop = {});

    /// Snapshots of all living environments that this client may see.
    std::vector<environment_info> list() const;
    /// As `runtime::find`, `attach` and `cleanup`.
    environment_info find(std::string_view environment) const;
    environment attach(std::string_view environment);
    teardown_receipt cleanup(std::string_view environment, bool force = false);
    /// Ends the environments that this object has made, except released ones, and refuses new ones. The node and its
    /// other environments go on. Residue is in the receipts, not thrown.
    std::vector<teardown_receipt> shutdown();
    /// Ends all environments that this client may end: those of its user, or of its token.
    std::vector<teardown_receipt> cleanup_all();

    /// The abilities of the node's machine, and its configuration.
    runtime_abilities abilities() const;
    runtime_config configuration() const;
    /// As the functions of `runtime`.
    std::vector<runtime_event> events(std::size_t most = 100, std::string_view environment_id = {}) const;
    resource_usage usage() const;
    std::string tree() const;

private:
    std::shared_ptr<class client_core> core_;
};

} // namespace gestvenv
