// SPDX-License-Identifier: MIT
#include "net/terminal/terminals.hpp"

#include <utility>

namespace gestvenv::terminal {

outcome<reactor*> terminals::events() {
    std::scoped_lock lock{mutex_};
    if (!events_) {
        auto started = reactor::start();
        if (!started)
            return failure(std::move(started).error());
        events_ = std::move(*started);
    }
    return events_.get();
}

} // namespace gestvenv::terminal
