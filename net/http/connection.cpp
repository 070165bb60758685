// SPDX-License-Identifier: MIT
#include "net/http/connection.hpp"

#include "net/tls/tls_context.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace gestvenv::http {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_pieces = 16;
/// How long and how much of what a client still sends is thrown away, so that it reads its answer.
constexpr auto linger_time = 2s;
constexpr std::size_t linger_bytes = 1 << 20;

} // namespace

connection::connection(server_core& core, descriptor socket, peer from, const tls_context* security)
    : core_(core), socket_(*core.events, std::move(socket)), from_(std::move(from)), timer_(*core.events) {
    if (security)
        stream_ = security->accept(socket_.number());
    else
        stream_ = std::make_unique<plain_stream>(socket_.number());
    phase_ = security ? phase::handshake : phase::head;
}

void connection::to(phase next) noexcept {
    phase_ = next;
    again_ = true;
}

void connection::start() {
    if (!stream_)
        return close();
    if (phase_ == phase::handshake)
        read_deadline_ = loop_clock::now() + core_.bounds.handshake;
    else
        expect_request();
    pump();
}

void connection::start_refused() {
    // With TLS it would take a handshake to say so.
    if (!stream_ || stream_->encrypted())
        return close();
    refuse(503, "there are too many connections");
    pump();
}

void connection::drain() {
    auto keep = shared_from_this();
    if (phase_ == phase::handshake || (phase_ == phase::head && input_.empty()))
        close();
}

void connection::close() {
    if (phase_ == phase::closed)
        return;
    auto keep = shared_from_this();
    to(phase::closed);
    timer_.cancel();
    socket_.close();
    leave_flight();
    leave_stream();
    tell_gone();
    if (auto taken = std::exchange(taken_, nullptr))
        taken({});
    fail_raw();
    core_.ended(keep);
}

void connection::tell_gone() {
    gone_ = true;
    if (auto hear = std::exchange(hear_gone_, nullptr))
        hear();
    if (auto queue = std::exchange(queue_, nullptr))
        queue->gone();
}

void connection::lost() {
    close();
}

void connection::pump() {
    if (pumping_) {
        again_ = true;
        return;
    }
    auto keep = shared_from_this();
    pumping_ = true;
    do {
        again_ = false;
        one_round();
    } while (again_ && phase_ != phase::closed);
    pumping_ = false;
    if (phase_ == phase::closed)
        fail_raw();
    else
        arm();
}

void connection::one_round() {
    if (phase_ == phase::handshake)
        shake_hands();
    if (phase_ == phase::handshake || phase_ == phase::closed)
        return;
    write_some();
    if (phase_ == phase::raw)
        read_raw();
    else
        read_some();
    while ((phase_ == phase::head && take_head()) || (phase_ == phase::body && take_body())) {
    }
}

void connection::shake_hands() {
    write_blocked_ = false;
    auto result = stream_->handshake();
    switch (result.how) {
    case progress::kind::done:
        return expect_request();
    case progress::kind::wants_read:
        readable_ = false;
        return;
    case progress::kind::wants_write:
        write_blocked_ = true;
        return;
    default:
        close();
    }
}

bool connection::wants_input() const noexcept {
    if (input_ended_)
        return false;
    switch (phase_) {
    case phase::handshake:
    case phase::head:
    case phase::body:
    case phase::lingering:
        return true;
    case phase::handling:
    case phase::streaming:
        // For its end; what comes before it waits for its turn.
        return input_.size() <= core_.bounds.header_bytes;
    case phase::raw:
        return raw_reading_.hear != nullptr;
    default:
        return false;
    }
}

void connection::read_some() {
    // One piece per round: others have their turn, and what a request takes is known before more is read.
    if (!wants_input() || (!readable_ && !stream_->has_pending()))
        return;
    auto& scratch = core_.scratch;
    auto result = stream_->read(scratch.data(), scratch.size());
    switch (result.how) {
    case progress::kind::done:
        readable_ = false;
        again_ = again_ || stream_->has_pending();
        return arrived({scratch.data(), result.bytes});
    case progress::kind::wants_read:
        readable_ = false;
        return;
    case progress::kind::wants_write:
        readable_ = false;
        read_needs_write_ = true;
        return;
    case progress::kind::ended:
        return input_ended();
    case progress::kind::failed:
        return lost();
    }
}

void connection::read_raw() {
    if (!raw_reading_.hear)
        return;
    progress result{progress::kind::ended};
    if (!input_ended_) {
        if (!readable_ && !stream_->has_pending())
            return;
        result = stream_->read(raw_reading_.into, raw_reading_.room);
        readable_ = false;
        if (result.how == progress::kind::wants_read)
            return;
        if (result.how == progress::kind::wants_write) {
            read_needs_write_ = true;
            return;
        }
        input_ended_ = result.how == progress::kind::ended;
    }
    auto hear = std::exchange(raw_reading_, {}).hear;
    hear(result);
}

void connection::arrived(std::string_view bytes) {
    if (phase_ == phase::lingering) {
        lingered_ += bytes.size();
        if (lingered_ > linger_bytes)
            close();
        return;
    }
    if (phase_ == phase::body && input_.empty())
        bytes.remove_prefix(body_bytes(bytes));
    if (phase_ != phase::closed)
        input_.append(bytes);
}

void connection::input_ended() {
    input_ended_ = true;
    readable_ = false;
    switch (phase_) {
    case phase::head:
    case phase::body:
        // What has arrived may be whole.
        again_ = true;
        return;
    case phase::handling:
        // A Unix socket says when its peer has closed it (hung_up). Over TCP an ended writer looks like a closed
        // socket until something is written to it.
        if (!from_.local)
            tell_gone();
        return;
    case phase::streaming:
        if (!from_.local)
            lost();
        return;
    default:
        close();
    }
}

void connection::hung_up() {
    hung_up_ = true;
    // Elsewhere there may be something left to read, and after it the end.
    if (phase_ == phase::handling || phase_ == phase::answering || phase_ == phase::streaming ||
        phase_ == phase::upgrading || (phase_ == phase::raw && !raw_reading_.hear))
        lost();
}

void connection::write_some() {
    write_blocked_ = false;
    while (phase_ != phase::closed && phase_ != phase::handshake) {
        if (output_.empty() && !refill())
            return;
        if (output_.empty())
            continue;
        std::array<iovec, most_pieces> pieces{};
        std::size_t count = 0;
        for (auto& piece : output_) {
            auto skipped = count == 0 ? output_offset_ : 0;
            pieces.at(count) = {piece.data() + skipped, piece.size() - skipped};
            if (++count == pieces.size())
                break;
        }
        auto result = stream_->write(pieces.data(), count);
        if (result.how == progress::kind::wants_write || result.how == progress::kind::wants_read) {
            write_blocked_ = true;
            if (!write_deadline_)
                write_deadline_ = loop_clock::now() + core_.bounds.write;
            return;
        }
        if (result.how != progress::kind::done)
            return lost();
        write_deadline_.reset();
        auto left = result.bytes;
        while (left > 0) {
            auto rest = output_.front().size() - output_offset_;
            if (left < rest) {
                output_offset_ += left;
                break;
            }
            left -= rest;
            output_offset_ = 0;
            output_.pop_front();
        }
    }
}

void connection::arm() {
    if (phase_ == phase::closed)
        return;
    if (!read_armed_ && !readable_ && (wants_input() || (write_blocked_ && stream_->encrypted()))) {
        read_armed_ = true;
        socket_.when_readable([self = shared_from_this()] {
            self->read_armed_ = false;
            self->readable_ = true;
            self->pump();
        });
    }
    if (!write_armed_ && (write_blocked_ || read_needs_write_)) {
        write_armed_ = true;
        socket_.when_writable([self = shared_from_this()] {
            self->write_armed_ = false;
            self->readable_ = self->readable_ || std::exchange(self->read_needs_write_, false);
            self->pump();
        });
    }
    if (!hang_up_armed_ && (phase_ == phase::handling || phase_ == phase::raw)) {
        hang_up_armed_ = true;
        socket_.when_hung_up([self = shared_from_this()] { self->hung_up(); });
    }
    arm_timer();
}

void connection::arm_timer() {
    auto next = read_deadline_;
    if (write_deadline_ && (!next || *write_deadline_ < *next))
        next = write_deadline_;
    // One that rings too early finds out: most deadlines are met, and setting a timer anew costs more.
    if (!next || (timer_at_ && *timer_at_ <= *next))
        return;
    timer_at_ = next;
    timer_.at(*next, [self = shared_from_this()] {
        self->timer_at_.reset();
        self->timed_out();
    });
}

void connection::timed_out() {
    auto keep = shared_from_this();
    auto now = loop_clock::now();
    if (write_deadline_ && *write_deadline_ <= now)
        return lost();
    if (read_deadline_ && *read_deadline_ <= now) {
        read_deadline_.reset();
        if (phase_ == phase::head && head_begun_)
            refuse(408, "the header took too long");
        else if (phase_ == phase::body)
            refuse(408, "the body took too long");
        else
            return close();
    }
    pump();
}

void connection::linger() {
    if (input_ended_ || hung_up_)
        return close();
    stream_->finish_writing();
    input_.clear();
    lingered_ = 0;
    read_deadline_ = loop_clock::now() + std::min<loop_clock::duration>(linger_time, core_.bounds.idle);
    to(phase::lingering);
}

void connection::raw_read(char* into, std::size_t room, std::function<void(const progress&)> hear) {
    raw_reading_ = {into, room, std::move(hear)};
    pump_soon();
}

void connection::raw_write(std::string bytes, std::function<void(const progress&)> hear) {
    output_.push_back(std::move(bytes));
    raw_written_ = std::move(hear);
    pump_soon();
}

void connection::pump_soon() {
    if (pumping_) {
        again_ = true;
        return;
    }
    core_.events->post([self = shared_from_this()] {
        if (self->closed())
            self->fail_raw();
        else
            self->pump();
    });
}

void connection::fail_raw() {
    auto written = std::exchange(raw_written_, nullptr);
    auto read = std::exchange(raw_reading_, {}).hear;
    if (written)
        written({progress::kind::failed, 0, "closed"});
    if (read)
        read({progress::kind::failed, 0, "closed"});
}

} // namespace gestvenv::http
