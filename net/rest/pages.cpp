// SPDX-License-Identifier: MIT
#include "net/rest/pages.hpp"

#include <array>

namespace gestvenv::rest {

std::span<const std::span<const route>> all_pages() {
    static const std::array pages{environment_page(), usage_page(),    work_page(),
                                  file_page(),        terminal_page(), operation_page(),
                                  event_page(),       system_page(),   browser_page()};
    return pages;
}

} // namespace gestvenv::rest
