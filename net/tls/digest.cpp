// SPDX-License-Identifier: MIT
#include "net/tls/digest.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace gestvenv {

outcome<std::string> sha256_of(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        return failure(error_code::system_failure, "SHA-256 is not available");
    std::string result;
    for (unsigned i = 0; i < size; ++i)
        result += fmt::format("{:02x}", digest[i]);
    return result;
}

} // namespace gestvenv
