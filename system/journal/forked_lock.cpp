// SPDX-License-Identifier: MIT
#include "system/journal/forked_lock.hpp"

#include <algorithm>
#include <mutex>
#include <pthread.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

struct registry {
    std::mutex gate;
    std::vector<int> numbers;

    // fork(2) copies the mutex as it is: it is held across, so that the child finds the list whole.
    static void before_fork() { instance().gate.lock(); }
    static void after_fork_in_parent() { instance().gate.unlock(); }
    static void after_fork_in_child() {
        for (int number : instance().numbers)
            ::close(number);
        instance().numbers.clear();
        instance().gate.unlock();
    }

    /// Never destroyed: a fork may happen while the program ends.
    static registry& instance() {
        static auto* only = [] {
            auto* made = new registry;
            // Fails only without memory; forked children then keep the lock, as without this file.
            static_cast<void>(::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child));
            return made;
        }();
        return *only;
    }
};

} // namespace

forked_lock::forked_lock(descriptor lock) : lock_(std::move(lock)), owner_(::getpid()) {
    if (!lock_)
        return;
    std::lock_guard held{registry::instance().gate};
    registry::instance().numbers.push_back(lock_.get());
}

forked_lock::forked_lock(forked_lock&& other) noexcept
    : lock_(std::move(other.lock_)), owner_(std::exchange(other.owner_, -1)) {}

forked_lock& forked_lock::operator=(forked_lock&& other) noexcept {
    if (this != &other) {
        reset();
        lock_ = std::move(other.lock_);
        owner_ = std::exchange(other.owner_, -1);
    }
    return *this;
}

forked_lock::~forked_lock() {
    reset();
}

void forked_lock::reset() noexcept {
    if (!lock_)
        return;
    if (owner_ != ::getpid()) {
        static_cast<void>(lock_.release()); // closed already; the number may be another file's by now
        return;
    }
    std::lock_guard held{registry::instance().gate};
    auto& numbers = registry::instance().numbers;
    numbers.erase(std::remove(numbers.begin(), numbers.end(), lock_.get()), numbers.end());
    lock_.reset();
}

} // namespace gestvenv
