// SPDX-License-Identifier: MIT
// How the answer of something that is no actor gets back into the actor that waits for it.
#pragma once

#include "messages/dead_letters.hpp"
#include "messages/fault_point.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace gestvenv {

/// Work that an actor does on itself when the message arrives; dropped, and counted, when the actor has ended
/// meanwhile. Never leaves the process.
class continuation {
public:
    continuation() = default;

    /// `letters` may be null: then they are not counted.
    template <class Function>
    static continuation of(Function function, std::string receiver = {},
                           std::shared_ptr<dead_letters> letters = nullptr) {
        continuation result;
        result.item_ = std::make_shared<item>();
        result.item_->work = std::move(function);
        result.item_->receiver = std::move(receiver);
        result.item_->letters = std::move(letters);
        return result;
    }

    void run() const {
        if (!item_)
            return;
        // Taken out, so that what it holds goes with the actor's thread and no other.
        auto work = std::exchange(item_->work, nullptr);
        if (!work)
            return;
        fault_point("continuation: is about to be run");
        work();
        fault_point("continuation: has been run");
    }

private:
    struct item {
        item() = default;
        item(const item&) = delete;
        item& operator=(const item&) = delete;
        ~item() {
            if (work && letters)
                letters->add(std::move(receiver));
        }
        std::function<void()> work;
        std::string receiver;
        std::shared_ptr<dead_letters> letters;
    };

    std::shared_ptr<item> item_;
};

template <class Inspector>
bool inspect(Inspector&, continuation&) {
    return false; // it cannot be written down, and nothing asks it to be
}

} // namespace gestvenv
