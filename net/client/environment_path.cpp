// SPDX-License-Identifier: MIT
#include "net/client/environment_path.hpp"

#include "messages/shown_text.hpp"
#include "net/client/node_link.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gestvenv {

namespace {

bool may_be_in_name(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
}

} // namespace

outcome<void> check_environment_name(std::string_view environment) {
    if (!environment.empty() && environment != "." && environment != ".." &&
        std::all_of(environment.begin(), environment.end(), may_be_in_name))
        return {};
    return failure(error_code::environment_not_found,
                   fmt::format("no environment is named {}", shown(environment)));
}

std::string environment_path(std::string_view environment, std::string_view what) {
    return fmt::format("{}/{}{}{}", environments_path, path_part(environment), what.empty() ? "" : "/", what);
}

} // namespace gestvenv
