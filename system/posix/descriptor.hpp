// SPDX-License-Identifier: MIT
// A file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace gestvenv {

class descriptor {
public:
    descriptor() = default;
    /// Takes ownership; a negative number is "none".
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~descriptor() { reset(); }

    explicit operator bool() const noexcept { return number_ >= 0; }
    int get() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }
    void reset() noexcept {
        // close(2): on Linux the number is free even after EINTR, so it is never tried again.
        if (number_ >= 0)
            ::close(number_);
        number_ = -1;
    }

private:
    int number_ = -1;
};

} // namespace gestvenv
