// SPDX-License-Identifier: MIT
#include "net/http/loop.hpp"

#include "net/http/loop_asio.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace gestvenv::http {

namespace asio = boost::asio;

loop::loop() : inside_(std::make_unique<implementation>()) {}

loop::~loop() = default;

void loop::run() {
    inside_->context.run();
}

void loop::stop() {
    inside_->context.stop();
}

bool loop::post(std::function<void()> work) {
    auto& inside = *inside_;
    {
        std::lock_guard hold{inside.guard};
        if (inside.closed)
            return false;
        inside.posted.push_back(std::move(work));
        if (inside.posted.size() > 1)
            return true;
    }
    asio::post(inside.context, [&inside] {
        std::vector<std::function<void()>> taken;
        {
            std::lock_guard hold{inside.guard};
            taken.swap(inside.posted);
        }
        for (auto& one : taken) {
            one();
            // What it holds may end something; not all at once at the end.
            one = nullptr;
        }
    });
    return true;
}

void loop::close() {
    std::vector<std::function<void()>> dropped;
    {
        std::lock_guard hold{inside_->guard};
        inside_->closed = true;
        dropped.swap(inside_->posted);
    }
    dropped.clear();
    // Waits that were cancelled hold what they would have called.
    inside_->work.reset();
    inside_->context.restart();
    inside_->context.poll();
}

struct watched_descriptor::implementation {
    asio::posix::stream_descriptor what;
    bool open = true;
    implementation(asio::io_context& where, int number) : what(where, number) {}
};

namespace {

template <class Inside>
void wait_for(const std::shared_ptr<Inside>& inside, asio::posix::descriptor_base::wait_type event,
              std::function<void()> hear) {
    inside->what.async_wait(event, [inside, hear = std::move(hear)](const boost::system::error_code& error) {
        // The wait may have been over before `close`, and its turn after it.
        if (inside->open && error != asio::error::operation_aborted)
            hear();
    });
}

} // namespace

watched_descriptor::watched_descriptor(loop& where, descriptor what)
    : inside_(std::make_shared<implementation>(where.inside().context, what.get())) {
    // Not before: what the line above throws leaves the number to its owner.
    static_cast<void>(what.release());
}

watched_descriptor::~watched_descriptor() {
    close();
}

int watched_descriptor::number() const noexcept {
    return inside_->what.native_handle();
}

void watched_descriptor::when_readable(std::function<void()> hear) {
    wait_for(inside_, asio::posix::descriptor_base::wait_read, std::move(hear));
}

void watched_descriptor::when_writable(std::function<void()> hear) {
    wait_for(inside_, asio::posix::descriptor_base::wait_write, std::move(hear));
}

void watched_descriptor::when_hung_up(std::function<void()> hear) {
    wait_for(inside_, asio::posix::descriptor_base::wait_error, std::move(hear));
}

void watched_descriptor::close() {
    if (!std::exchange(inside_->open, false))
        return;
    boost::system::error_code ignored;
    inside_->what.close(ignored); // NOLINT(bugprone-unused-return-value): the number is free in any case
}

descriptor watched_descriptor::release() {
    inside_->open = false;
    return descriptor{inside_->what.release()};
}

struct loop_timer::implementation {
    asio::steady_timer timer;
    std::function<void()> hear;
    /// The wait that is under way; others are of the past.
    std::size_t turn = 0;
    explicit implementation(asio::io_context& where) : timer(where) {}
};

loop_timer::loop_timer(loop& where) : inside_(std::make_shared<implementation>(where.inside().context)) {}

loop_timer::~loop_timer() {
    cancel();
}

void loop_timer::at(loop_clock::time_point when, std::function<void()> hear) {
    inside_->hear = std::move(hear);
    inside_->timer.expires_at(when);
    inside_->timer.async_wait([inside = inside_, turn = ++inside_->turn](const boost::system::error_code&) {
        if (turn != inside->turn || !inside->hear)
            return;
        auto heard = std::exchange(inside->hear, nullptr);
        heard();
    });
}

void loop_timer::cancel() {
    ++inside_->turn;
    inside_->hear = nullptr;
    inside_->timer.cancel();
}

} // namespace gestvenv::http
