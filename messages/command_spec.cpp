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
    for (auto candidate : {stream_mode::capture, stream_mode::inherit}) {
        if (text == to_string(candidate)) {
            value = candidate;
            return true;
        }
    }
    return false;
}

} // namespace gestvenv
