// SPDX-License-Identifier: MIT
// Sends a tar stream to a client as fast as it takes it. A client that waits holds no thread.
#pragma once

#include "net/files/file_workers.hpp"
#include "net/files/tar_pack.hpp"
#include "net/http/exchange.hpp"

#include <functional>
#include <memory>

namespace gestvenv::files {

/// On a worker's thread; goes on there. What cannot be read ends the connection: the client sees that something is
/// missing. `on_failure` hears why, on a worker's thread.
void send_tar(file_workers& workers, tar_packer from, std::shared_ptr<http::body_stream> to,
              std::function<void(const error&)> on_failure);

} // namespace gestvenv::files
