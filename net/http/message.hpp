// SPDX-License-Identifier: MIT
// Requests and responses as plain values: no other folder sees the HTTP library (net/http/*.cpp does).
// Source: RFC 9110, 9112.
#pragma once

#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gestvenv::http {

/// Header fields in their order. Names compare without case.
class header_fields {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// The first field of that name; null: there is none.
    const std::string* find(std::string_view name) const noexcept;
    const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Who is at the other end of a connection.
struct peer {
    /// Of a Unix socket, as the kernel knows it (SO_PEERCRED); unset: a TCP connection.
    struct process {
        pid_t pid = 0;
        uid_t uid = 0;
        gid_t gid = 0;
    };
    std::optional<process> local;
    /// `127.0.0.1:45678`, or `unix`.
    std::string address;
    bool encrypted = false;
};

struct request {
    std::string method;
    /// As it was sent, with the query.
    std::string target;
    /// Split at `/` and decoded; empty for `/` and `*`. Neither empty parts (also at the end) nor `.`, `..`, slashes or
    /// control characters are in it, encoded or not, and all of it is UTF-8; else it is refused (400) before there
    /// is a request. Of `http://host/path` it is the path.
    std::vector<std::string> path;
    /// Decoded, `+` as a space. A key that is empty or comes twice, or a NUL, is refused (400).
    std::map<std::string, std::string> query;
    header_fields headers;
    /// Unless it is in `body_file`.
    std::string body;
    /// The body, at offset 0, in an unnamed file, where the handler has asked for one.
    std::shared_ptr<descriptor> body_file;
    peer from;
};

struct response {
    int status = 200;
    header_fields headers;
    std::string body;
    /// Sent in place of `body`: `file_size` bytes of it from its present offset.
    std::shared_ptr<descriptor> file;
    std::uint64_t file_size = 0;
    /// Of a streamed answer: whether it is one of server_load::streams.
    bool is_counted = true;
};

} // namespace gestvenv::http
