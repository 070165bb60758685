// SPDX-License-Identifier: MIT
#include <gestvenv/process_info.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(process_state value) noexcept {
    switch (value) {
    case process_state::running:
        return "running";
    case process_state::sleeping:
        return "sleeping";
    case process_state::blocked:
        return "blocked";
    case process_state::stopped:
        return "stopped";
    }
    return {};
}

} // namespace

std::string_view to_string(process_state value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, process_state& value) noexcept {
    return find_spelling(text, value, [](process_state candidate) { return spelling(candidate); });
}

} // namespace gestvenv
