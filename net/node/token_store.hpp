// SPDX-License-Identifier: MIT
// Tokens by which clients on TCP are known: in a file of the user's, hashed, so that the file gives no access.
#pragma once

#include "messages/outcome.hpp"
#include "net/rest/principal.hpp"
#include "system/posix/small_file.hpp"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

struct token_info {
    /// Short and no secret; names the token in lists and as the owner of environments.
    std::string id;
    std::string name;
    rest::right may = rest::right::read;
    std::chrono::system_clock::time_point created_at;
    std::optional<std::chrono::system_clock::time_point> expires_at;
    /// SHA-256 of the secret, in hexadecimal.
    std::string digest;
};

/// The file is read again when it has changed. Thread-safe; safe to use from several processes.
class token_store {
public:
    /// `tokens.json` in this folder, which belongs to this user alone.
    explicit token_store(std::filesystem::path folder);

    struct created {
        token_info info;
        /// Told once; 256 bits from getrandom(2).
        std::string secret;
    };
    outcome<created> create(std::string name, rest::right may, std::optional<std::chrono::seconds> lives);
    outcome<std::vector<token_info>> list() const;
    /// By id or name; not_found where there is none. Holds from the next request on.
    outcome<token_info> revoke(std::string_view token);
    /// The principal of a secret; not_authenticated for one that is unknown, revoked or has expired.
    ///
    /// Called on the server's thread, for each request on TCP, because a revoked token is to be refused at once. It costs
    /// one lstat(2), which the kernel answers from memory for a local file system, and reads the file only where it has
    /// changed. Nothing else in a node holds the lock. On a network file system that has gone away it would wait, and all
    /// connections with it; docs/node.md says so.
    outcome<rest::principal> find(std::string_view secret) const;

private:
    /// Brings `known_` up to date.
    outcome<void> refresh() const;
    outcome<std::vector<token_info>> read() const;
    outcome<void> write(const std::vector<token_info>& tokens) const;

    std::filesystem::path folder_;
    mutable std::mutex mutex_;
    mutable std::vector<token_info> known_;
    mutable file_stamp read_;
};

} // namespace gestvenv
