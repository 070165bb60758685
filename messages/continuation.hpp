// How the answer of something that is no actor gets back into the actor that waits for it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace gestvenv {

/// Work that an actor does on itself when the message arrives; dropped when the actor has ended meanwhile.
/// Never leaves the process.
struct continuation {
    std::shared_ptr<std::function<void()>> work;

    template <class Function>
    static continuation of(Function function) {
        return {std::make_shared<std::function<void()>>(std::move(function))};
    }

    void run() const {
        if (work && *work)
            (*work)();
    }
};

template <class Inspector>
bool inspect(Inspector&, continuation&) {
    return false; // it cannot be written down, and nothing asks it to be
}

} // namespace gestvenv
