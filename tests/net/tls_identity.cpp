// SPDX-License-Identifier: MIT
#include "tests/net/tls_identity.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace gestvenv::test {

namespace {

std::string text_of(BIO* memory) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (int bytes = 0; (bytes = ::BIO_read(memory, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(bytes));
    return text;
}

} // namespace

http::tls_identity self_signed_identity(const std::string& names) {
    std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key{
        ::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &::EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&::X509_free)> certificate{::X509_new(), &::X509_free};
    REQUIRE((key && certificate));
    ::X509_set_version(certificate.get(), X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -60);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
    ::X509_set_pubkey(certificate.get(), key.get());
    auto* name = ::X509_get_subject_name(certificate.get());
    static constexpr std::array<unsigned char, 4> common{'t', 'e', 's', 't'};
    ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common.data(), common.size(), -1, 0);
    ::X509_set_issuer_name(certificate.get(), name);
    auto* others = ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    REQUIRE(others);
    ::X509_add_ext(certificate.get(), others, -1);
    ::X509_EXTENSION_free(others);
    REQUIRE(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) > 0);

    std::unique_ptr<BIO, decltype(&::BIO_free)> memory{::BIO_new(::BIO_s_mem()), &::BIO_free};
    http::tls_identity made;
    REQUIRE(::PEM_write_bio_X509(memory.get(), certificate.get()) == 1);
    made.certificates = text_of(memory.get());
    REQUIRE(::PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    made.key = text_of(memory.get());
    return made;
}

} // namespace gestvenv::test
