// SPDX-License-Identifier: MIT
#include "net/http/message.hpp"

#include "net/http/text.hpp"

namespace gestvenv::http {

const std::string* header_fields::find(std::string_view name) const noexcept {
    for (const auto& [field, value] : fields_)
        if (same_word(field, name))
            return &value;
    return nullptr;
}

} // namespace gestvenv::http
