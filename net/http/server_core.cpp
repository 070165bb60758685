// SPDX-License-Identifier: MIT
#include "net/http/server_core.hpp"

#include "net/http/connection.hpp"

#include <fmt/format.h>

#include <array>

namespace gestvenv::http {

const std::string& server_core::date() {
    auto now = std::time(nullptr);
    if (now == dated_)
        return date_;
    dated_ = now;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    // Not strftime(3): names of days and months would be the locale's.
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    date_ =
        fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(parts.tm_wday)),
                    parts.tm_mday, months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                    parts.tm_hour, parts.tm_min, parts.tm_sec);
    return date_;
}

void server_core::ended(const std::shared_ptr<connection>& which) {
    if (living.erase(which) == 0)
        return;
    connections.store(living.size());
    if (living.empty() && when_empty)
        std::exchange(when_empty, nullptr)();
}

} // namespace gestvenv::http
