// SPDX-License-Identifier: MIT
#include "net/node/listen_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gestvenv {

outcome<listen_address> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto wrong = [&] {
        return failure(error_code::invalid_argument, fmt::format("'{}' is no address to listen at", text),
                       "as in 127.0.0.1:8080 or [::1]:8080");
    };
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
        return wrong();
    listen_address result{std::string{text.substr(0, colon)}, std::string{text.substr(colon + 1)}, false};
    const bool digits =
        std::all_of(result.port.begin(), result.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool is_bare_ipv6 = result.host.front() != '[' && result.host.find(':') != std::string::npos;
    if (!digits || result.port.size() > 5 || std::stoi(result.port) > 65535 || is_bare_ipv6)
        return wrong();
    // All of 127.0.0.0/8 is this machine's (RFC 1122).
    result.is_loopback =
        result.host == "localhost" || result.host == "[::1]" || result.host.starts_with("127.");
    return result;
}

} // namespace gestvenv
