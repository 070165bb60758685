// SPDX-License-Identifier: MIT
#include "net/page/page_files.hpp"

namespace gestvenv::page {

// Gives way to the one of page/build.mjs, where that is linked too.
__attribute__((weak)) std::span<const page_file> page_files() {
    return {};
}

} // namespace gestvenv::page
