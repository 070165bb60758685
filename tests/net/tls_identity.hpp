// SPDX-License-Identifier: MIT
// A certificate that has signed itself.
#pragma once

#include "net/http/server.hpp"

#include <string>

namespace gestvenv::test {

/// `names` as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`.
http::tls_identity self_signed_identity(const std::string& names);

} // namespace gestvenv::test
