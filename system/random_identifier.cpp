// SPDX-License-Identifier: MIT
#include "system/random_identifier.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv {

namespace {

// Up to 256 bytes come whole and without error once the kernel's pool is ready, which it is long before us;
// but a filter may refuse the call.
void fill(std::uint8_t* place, std::size_t size) {
    constexpr int most_interruptions = 100;
    for (int attempt = 0; attempt < most_interruptions; ++attempt) {
        if (::getrandom(place, size, 0) == static_cast<ssize_t>(size))
            return;
        if (errno != EINTR)
            break;
    }
    descriptor device{::open("/dev/urandom", O_RDONLY | O_CLOEXEC)};
    if (!device || ::read(device.get(), place, size) != static_cast<ssize_t>(size))
        throw std::system_error{errno, std::generic_category(), "there are no random numbers for an id"};
}

} // namespace

void fill_with_random_bytes(std::span<std::uint8_t> place) {
    fill(place.data(), place.size());
}

std::string random_identifier() {
    std::array<std::uint8_t, 16> bytes{};
    fill(bytes.data(), bytes.size());
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 0x0f];
    }
    return text;
}

bool is_identifier(std::string_view text) noexcept {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    constexpr std::string_view digits = "0123456789abcdef";
    return std::equal(text.begin(), text.end(), form.begin(), form.end(), [digits](char letter, char kind) {
        return kind == 'x' ? digits.find(letter) != std::string_view::npos : letter == kind;
    });
}

} // namespace gestvenv
