// SPDX-License-Identifier: MIT
// Sends a tar stream to a client as fast as it takes it. A client that waits holds no thread.
#pragma once

#include "net/files/file_workers.hpp"
#include "net/files/tar_pack.hpp"
#include "net/http/exchange.hpp"

#include <functional>
#include <memory>

namespace gestvenv::files {

/// What is sent, and what its owner says of it.
struct tar_sending {
    tar_packer from;
    std::shared_ptr<http::body_stream> to;
    /// Asked when everything is packed: what was removed meanwhile is missing from it. Answers once, on any thread.
    std::function<void(std::function<void(outcome<void>)>)> confirm;
    /// Hears why the stream is cut short, on any thread.
    std::function<void(const error&)> on_failure;
};

/// On a worker's thread; goes on there. What cannot be read, or is not confirmed, ends the connection: the client sees
/// that something is missing.
void send_tar(file_workers& workers, tar_sending what);

} // namespace gestvenv::files
