// SPDX-License-Identifier: MIT
#include "messages/spelling.hpp"

#include <gestvenv/command_spec.hpp>

namespace gestvenv {

std::string_view to_string(stream_mode value) noexcept {
    switch (value) {
    case stream_mode::capture:
        return "capture";
    case stream_mode::inherit:
        return "inherit";
    }
    return {};
}

bool from_string(std::string_view text, stream_mode& value) noexcept {
    return find_spelling(text, value, [](stream_mode candidate) { return to_string(candidate); });
}

std::string_view to_string(signal_target value) noexcept {
    switch (value) {
    case signal_target::program:
        return "program";
    case signal_target::group:
        return "group";
    case signal_target::foreground_group:
        return "foreground_group";
    }
    return {};
}

bool from_string(std::string_view text, signal_target& value) noexcept {
    return find_spelling(text, value, [](signal_target candidate) { return to_string(candidate); });
}

std::string_view to_string(access_mode value) noexcept {
    switch (value) {
    case access_mode::read:
        return "read";
    case access_mode::write:
        return "write";
    }
    return {};
}

bool from_string(std::string_view text, access_mode& value) noexcept {
    return find_spelling(text, value, [](access_mode candidate) { return to_string(candidate); });
}

} // namespace gestvenv
