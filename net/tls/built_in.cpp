// SPDX-License-Identifier: MIT
#include "net/tls/built_in.hpp"

namespace gestvenv {

bool has_encryption() noexcept {
    return true;
}

} // namespace gestvenv
