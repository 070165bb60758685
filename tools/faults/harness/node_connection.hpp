// SPDX-License-Identifier: MIT
// Requests to a node over its Unix socket, down to single bytes: a client in a cycle may send what no HTTP library would.
#pragma once

#include "system/posix/descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace gestvenv::faults {

/// For an answer, and for the end of what ends with the node. Far above what is meant to happen.
inline constexpr std::chrono::seconds node_patience{30};

class node_connection {
public:
    /// Not open where there is no node.
    explicit node_connection(const std::filesystem::path& socket);

    bool is_open() const noexcept { return socket_.get() >= 0; }
    int number() const noexcept { return socket_.get(); }

    /// As far as the node takes it: the answer, or that there is none, tells.
    void send(std::string_view bytes) const;
    void end_writing() const;

    enum class got { bytes, end, nothing };

    /// Appends to `into`; `nothing` where none came within `node_patience`.
    got read_some(std::string& into) const;

private:
    descriptor socket_;
};

/// The text of a request.
std::string request_text(std::string_view method, std::string_view path, std::string_view body,
                         std::string_view accept = {});

/// One request, and the whole answer; empty where there is none within the deadline. Closes the connection.
std::string ask_node(const std::filesystem::path& socket, std::string_view method, std::string_view path,
                     std::string_view body = {});

} // namespace gestvenv::faults
