// SPDX-License-Identifier: MIT
#include "net/page/page_cookie.hpp"

#include "net/node/node_services.hpp"

namespace gestvenv::rest {

std::optional<std::string> session_secret(const http::request& head) {
    const auto* field = head.headers.find("Cookie");
    if (field == nullptr)
        return {};
    std::string_view rest{*field};
    while (!rest.empty()) {
        const auto end = rest.find(';');
        auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        if (pair.starts_with(session_cookie) && pair.substr(session_cookie.size()).starts_with('='))
            return std::string{pair.substr(session_cookie.size() + 1)};
    }
    return {};
}

std::string_view host_of(std::string_view authority) {
    auto end = authority.rfind(':');
    auto bracket = authority.rfind(']');
    if (end != std::string_view::npos && (bracket == std::string_view::npos || end > bracket))
        authority = authority.substr(0, end);
    return authority;
}

bool is_of_page(const node_services& node, const http::request& head) {
    const auto* host = head.headers.find("Host");
    return !head.from.local && host != nullptr && host_of(*host) == node.page.host();
}

} // namespace gestvenv::rest
