// SPDX-License-Identifier: MIT
// Who hears a command's output while it runs, beside what is kept of it for the result.
#pragma once

#include <gestvenv/command_spec.hpp>

#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

namespace gestvenv {

class output_sink {
public:
    output_sink() = default;
    output_sink(const output_sink&) = delete;
    output_sink& operator=(const output_sink&) = delete;
    virtual ~output_sink() = default;

    /// Takes a piece as it was read; on the machine's thread, must not block. False: there is enough for now;
    /// the reader stops until it is told that there is room, and the command waits once its pipe is full.
    virtual bool take(output_stream which, std::string_view piece) = 0;

    /// What to do when there is room again; from any thread, at most once per `take` that returned false.
    void on_room(std::function<void()> resume) {
        std::scoped_lock lock{mutex_};
        resume_ = std::move(resume);
    }

protected:
    void tell_room() {
        std::function<void()> resume;
        {
            std::scoped_lock lock{mutex_};
            resume = resume_;
        }
        if (resume)
            resume();
    }

private:
    std::mutex mutex_;
    std::function<void()> resume_;
};

} // namespace gestvenv
