// SPDX-License-Identifier: MIT
#include "net/files/file_workers.hpp"

#include "runtime/signal_mask.hpp"
#include "system/limits/thread_capacity.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>

#include <system_error>
#include <utility>

namespace gestvenv::files {

tl::unexpected<error> deadline::failure(std::string what) const {
    return gestvenv::failure(error_code::deadline_exceeded,
                             std::move(what) + " took too long and was given up");
}

file_workers::~file_workers() {
    {
        std::scoped_lock lock{mutex_};
        ending_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

outcome<void> file_workers::run(work what) {
    return add({std::move(what), deadline::after(time_for_work)}, false);
}

void file_workers::go_on(work what) {
    // Its thread has been started: it has run before.
    (void)add({std::move(what), deadline::after(time_for_work)}, true);
}

outcome<void> file_workers::add(job what, bool accepted) {
    std::unique_lock lock{mutex_};
    if (!accepted && waiting_.size() >= most_waiting)
        return failure(error_code::resources_exhausted,
                       fmt::format("{} transfers of files wait already", waiting_.size()),
                       "try again when some are done");
    if (waiting_.size() >= idle_ && threads_.size() < most_threads) {
        all_signals_blocked quiet;
        try {
            threads_.emplace_back([this] { loop(); });
        } catch (const std::system_error& refused) {
            if (threads_.empty())
                return failure(thread_failure(refused.code().value()));
        }
    }
    waiting_.push_back(std::move(what));
    lock.unlock();
    changed_.notify_one();
    return {};
}

void file_workers::loop() {
    ::prctl(PR_SET_NAME, "gestvenv-files");
    std::unique_lock lock{mutex_};
    while (true) {
        ++idle_;
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        --idle_;
        if (ending_)
            return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        next.what(next.until);
        next.what = nullptr; // what it holds is let go of before the next one is waited for
        lock.lock();
    }
}

} // namespace gestvenv::files
