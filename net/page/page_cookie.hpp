// SPDX-License-Identifier: MIT
// A request's cookie of the page, and whether it was sent to the page's own name.
#pragma once

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {
struct node_services;
} // namespace gestvenv

namespace gestvenv::rest {

inline constexpr std::string_view session_cookie = "gestvenv_page";

/// Of a Cookie field (RFC 6265, section 4.2); none where it is not there.
std::optional<std::string> session_secret(const http::request& head);

/// `localhost:8080` without the port; `[::1]:8080` as `[::1]`.
std::string_view host_of(std::string_view authority);

bool is_of_page(const node_services& node, const http::request& head);

} // namespace gestvenv::rest
