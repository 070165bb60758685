// SPDX-License-Identifier: MIT
#include "tests/support/fault_hook.hpp"

#include "messages/fault_point.hpp"

#include <atomic>
#include <mutex>
#include <string>

namespace gestvenv {

namespace {

std::atomic<bool> hooked{false};
std::mutex mutex;
std::string hooked_step;
std::function<void()> hooked_action;

} // namespace

void fault_point(const char* step) {
    if (!hooked.load())
        return;
    std::function<void()> action;
    {
        std::scoped_lock lock{mutex};
        if (hooked_step == step)
            action = hooked_action;
    }
    if (action)
        action();
}

namespace test {

fault_hook::fault_hook(std::string_view step, std::function<void()> action) {
    std::scoped_lock lock{mutex};
    hooked_step = step;
    hooked_action = std::move(action);
    hooked = true;
}

fault_hook::~fault_hook() {
    std::scoped_lock lock{mutex};
    hooked = false;
    hooked_step.clear();
    hooked_action = nullptr;
}

} // namespace test

} // namespace gestvenv
