// SPDX-License-Identifier: MIT
// In the place of net/tls in programs without OpenSSL. None of it is met: what needs encryption goes on in another
// program before it gets here.
#include "net/tls/built_in.hpp"
#include "net/tls/digest.hpp"
#include "net/tls/tls_context.hpp"

namespace gestvenv {

namespace {

tl::unexpected<error> without_encryption() {
    return failure(error_code::system_failure, "this program has no encryption", "use gestvenv-node");
}

} // namespace

bool has_encryption() noexcept {
    return false;
}

outcome<std::string> sha256_of(std::string_view /*text*/) {
    return without_encryption();
}

namespace http {

outcome<std::shared_ptr<tls_context>> tls_context::for_server(const tls_identity& /*identity*/) {
    return without_encryption();
}

outcome<std::shared_ptr<tls_context>> tls_context::for_client(const std::string& /*authorities*/) {
    return without_encryption();
}

tls_context::~tls_context() {
    static_cast<void>(made_); // there is none
}

std::unique_ptr<byte_stream> tls_context::accept(int /*socket*/) const {
    return nullptr;
}

std::unique_ptr<byte_stream> tls_context::connect(int /*socket*/, const std::string& /*host*/) const {
    return nullptr;
}

} // namespace http

} // namespace gestvenv
