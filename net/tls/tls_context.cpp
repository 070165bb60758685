// SPDX-License-Identifier: MIT
#include "net/tls/tls_context.hpp"

#include "net/http/server.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace gestvenv::http {

namespace {

/// The first error that this thread's OpenSSL calls have left, and none is left after it.
std::string library_error() {
    auto code = ::ERR_get_error();
    ::ERR_clear_error();
    if (code == 0)
        return "unknown reason";
    const auto* reason = ::ERR_reason_error_string(code);
    return reason ? reason : "error " + std::to_string(code);
}

// ---- the socket beneath: as OpenSSL's own, but with MSG_NOSIGNAL ---------------------------------------------

int number_of(BIO* socket) noexcept {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(::BIO_get_data(socket)));
}

int socket_write(BIO* socket, const char* bytes, int size) noexcept {
    ::BIO_clear_retry_flags(socket);
    auto sent = ::send(number_of(socket), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        ::BIO_set_retry_write(socket);
    return static_cast<int>(sent);
}

int socket_read(BIO* socket, char* into, int room) noexcept {
    ::BIO_clear_retry_flags(socket);
    auto taken = ::recv(number_of(socket), into, static_cast<std::size_t>(room), MSG_DONTWAIT);
    if (taken < 0 && (errno == EAGAIN || errno == EINTR))
        ::BIO_set_retry_read(socket);
    if (taken == 0)
        ::BIO_set_flags(socket, BIO_FLAGS_IN_EOF);
    return static_cast<int>(taken);
}

long socket_control(BIO* socket, int what, long, void*) noexcept {
    if (what == BIO_CTRL_FLUSH)
        return 1;
    return what == BIO_CTRL_EOF && ::BIO_test_flags(socket, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
}

BIO_METHOD* socket_method() {
    // Lives as long as the program.
    static BIO_METHOD* const method = [] {
        auto* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
        if (made) {
            ::BIO_meth_set_write(made, &socket_write);
            ::BIO_meth_set_read(made, &socket_read);
            ::BIO_meth_set_ctrl(made, &socket_control);
        }
        return made;
    }();
    return method;
}

class tls_stream final : public byte_stream {
public:
    explicit tls_stream(SSL* session) noexcept : session_(session) {}
    ~tls_stream() override { ::SSL_free(session_); }

    progress handshake() override {
        ::ERR_clear_error();
        auto result = ::SSL_do_handshake(session_);
        return result == 1 ? progress{progress::kind::done} : not_done(result);
    }

    progress read(char* into, std::size_t room) override {
        ::ERR_clear_error();
        std::size_t bytes = 0;
        auto result = ::SSL_read_ex(session_, into, room, &bytes);
        return result == 1 ? progress{progress::kind::done, bytes} : not_done(result);
    }

    progress write(const iovec* pieces, std::size_t count) override {
        // One record; OpenSSL wants a repeated write to be at least as long as the first.
        std::size_t size = 0;
        for (std::size_t piece = 0; piece < count && size < record.size(); ++piece) {
            auto part = std::min(pieces[piece].iov_len, record.size() - size);
            std::memcpy(record.data() + size, pieces[piece].iov_base, part);
            size += part;
        }
        if (size == 0)
            return {progress::kind::done};
        ::ERR_clear_error();
        std::size_t bytes = 0;
        auto result = ::SSL_write_ex(session_, record.data(), size, &bytes);
        return result == 1 ? progress{progress::kind::done, bytes} : not_done(result);
    }

    void finish_writing() noexcept override {
        ::ERR_clear_error();
        ::SSL_shutdown(session_);
        ::ERR_clear_error();
        auto* socket = ::SSL_get_wbio(session_);
        ::shutdown(number_of(socket), SHUT_WR);
    }

    bool has_pending() const noexcept override { return ::SSL_has_pending(session_) == 1; }
    bool encrypted() const noexcept override { return true; }

private:
    progress not_done(int result) {
        auto system_error = errno;
        switch (::SSL_get_error(session_, result)) {
        case SSL_ERROR_WANT_READ:
            return {progress::kind::wants_read};
        case SSL_ERROR_WANT_WRITE:
            return {progress::kind::wants_write};
        case SSL_ERROR_ZERO_RETURN:
            return {progress::kind::ended};
        case SSL_ERROR_SYSCALL:
            return {progress::kind::failed, 0, std::generic_category().message(system_error)};
        default:
            break;
        }
        auto verified = ::SSL_get_verify_result(session_);
        if (verified != X509_V_OK && !::SSL_is_init_finished(session_)) {
            ::ERR_clear_error();
            return {progress::kind::failed, 0,
                    std::string{"its certificate is not accepted: "} +
                        ::X509_verify_cert_error_string(verified)};
        }
        return {progress::kind::failed, 0, "TLS: " + library_error()};
    }

    SSL* session_;
    // Of the thread, not of the connection: 16 KiB each would be most of what an idle connection takes.
    static thread_local std::array<char, 16 << 10> record;
};

thread_local std::array<char, 16 << 10> tls_stream::record;

struct bio_end {
    void operator()(BIO* made) const noexcept { ::BIO_free(made); }
};
struct context_end {
    void operator()(SSL_CTX* made) const noexcept { ::SSL_CTX_free(made); }
};
struct certificate_end {
    void operator()(X509* made) const noexcept { ::X509_free(made); }
};
struct key_end {
    void operator()(EVP_PKEY* made) const noexcept { ::EVP_PKEY_free(made); }
};

using bio = std::unique_ptr<BIO, bio_end>;
using context = std::unique_ptr<SSL_CTX, context_end>;

bio text_of(const std::string& text) {
    return bio{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// Without it OpenSSL would ask for a password on the terminal.
int no_password(char*, int, int, void*) noexcept {
    return -1;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) noexcept {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    if (::SSL_select_next_proto(&found, size, ours.data(), static_cast<unsigned int>(ours.size()), offered,
                                offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

outcome<context> new_context(const SSL_METHOD* method) {
    context made{::SSL_CTX_new(method)};
    if (!made || !socket_method())
        return failure(error_code::system_failure, "TLS cannot be set up: " + library_error());
    ::SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
    ::SSL_CTX_set_options(made.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);
    return made;
}

SSL* new_session(SSL_CTX* made, int socket) {
    auto* session = ::SSL_new(made);
    auto* beneath = session ? ::BIO_new(socket_method()) : nullptr;
    if (!beneath) {
        ::SSL_free(session);
        return nullptr;
    }
    ::BIO_set_data(beneath, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    ::BIO_set_init(beneath, 1);
    ::SSL_set_bio(session, beneath, beneath);
    return session;
}

/// OpenSSL's own macro for it casts in the old style. It copies the name.
bool set_server_name(SSL* session, std::string host) {
    return ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

} // namespace

tls_context::~tls_context() {
    ::SSL_CTX_free(made_);
}

outcome<std::shared_ptr<tls_context>> tls_context::for_server(const tls_identity& identity) {
    ::ERR_clear_error();
    auto made = new_context(::TLS_server_method());
    if (!made)
        return failure(std::move(made.error()));
    auto certificates = text_of(identity.certificates);
    bool first = true;
    while (auto* read = ::PEM_read_bio_X509(certificates.get(), nullptr, &no_password, nullptr)) {
        std::unique_ptr<X509, certificate_end> certificate{read};
        auto taken = first ? ::SSL_CTX_use_certificate(made->get(), certificate.get())
                           : ::SSL_CTX_add1_chain_cert(made->get(), certificate.get());
        if (taken != 1)
            return failure(error_code::invalid_argument,
                           "a certificate cannot be used for TLS: " + library_error());
        first = false;
    }
    if (first)
        return failure(error_code::invalid_argument, "the certificate is not a PEM text: " + library_error(),
                       "give the server's certificate, and after it those that issued it, as PEM");
    ::ERR_clear_error(); // the end of the text is one
    auto key_text = text_of(identity.key);
    std::unique_ptr<EVP_PKEY, key_end> key{
        ::PEM_read_bio_PrivateKey(key_text.get(), nullptr, &no_password, nullptr)};
    if (!key)
        return failure(error_code::invalid_argument,
                       "the private key is not a PEM text without a password: " + library_error(),
                       "openssl pkey -in KEY -out NEWKEY removes a password");
    if (::SSL_CTX_use_PrivateKey(made->get(), key.get()) != 1 ||
        ::SSL_CTX_check_private_key(made->get()) != 1)
        return failure(error_code::invalid_argument,
                       "the private key does not belong to the certificate: " + library_error());
    ::SSL_CTX_set_alpn_select_cb(made->get(), &choose_protocol, nullptr);
    return std::make_shared<tls_context>(made->release());
}

outcome<std::shared_ptr<tls_context>> tls_context::for_client(const std::string& authorities) {
    ::ERR_clear_error();
    auto made = new_context(::TLS_client_method());
    if (!made)
        return failure(std::move(made.error()));
    ::SSL_CTX_set_verify(made->get(), SSL_VERIFY_PEER, nullptr);
    auto loaded = authorities.empty() ? ::SSL_CTX_set_default_verify_paths(made->get())
                                      : ::SSL_CTX_load_verify_file(made->get(), authorities.c_str());
    if (loaded != 1)
        return failure(error_code::invalid_argument,
                       "the trusted certificates of " +
                           (authorities.empty() ? std::string{"the system"} : authorities) +
                           " cannot be read: " + library_error(),
                       "name a readable PEM file of certificates");
    return std::make_shared<tls_context>(made->release());
}

std::unique_ptr<byte_stream> tls_context::accept(int socket) const {
    auto* session = new_session(made_, socket);
    if (!session)
        return nullptr;
    ::SSL_set_accept_state(session);
    return std::make_unique<tls_stream>(session);
}

std::unique_ptr<byte_stream> tls_context::connect(int socket, const std::string& host) const {
    auto* session = new_session(made_, socket);
    if (!session)
        return nullptr;
    ::SSL_set_connect_state(session);
    // An address is proven by the certificate's addresses, and is no name for SNI (RFC 6066, section 3).
    bool known = ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session), host.c_str()) == 1;
    if (!known)
        known = ::SSL_set1_host(session, host.c_str()) == 1 && set_server_name(session, host);
    ::ERR_clear_error();
    if (!known) {
        ::SSL_free(session);
        return nullptr;
    }
    return std::make_unique<tls_stream>(session);
}

} // namespace gestvenv::http
