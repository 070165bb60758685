// SPDX-License-Identifier: MIT
#include "net/http/live_exchange.hpp"

#include "net/http/connection.hpp"

#include <atomic>
#include <utility>

namespace gestvenv::http {

namespace {

class live_body_stream final : public body_stream {
public:
    explicit live_body_stream(std::shared_ptr<outgoing_queue> queue) : queue_(std::move(queue)) {}
    ~live_body_stream() override { queue_->abandon(); }

    bool write(std::string piece) override { return queue_->put(std::move(piece), false); }
    void on_room(std::function<void()> resume) override { queue_->on_room(std::move(resume)); }
    void end() override { queue_->end(); }
    void on_gone(std::function<void()> hear) override { queue_->on_gone(std::move(hear)); }

private:
    std::shared_ptr<outgoing_queue> queue_;
};

/// Everything goes to the server's thread. Only there is the connection looked at, and ended with its last reference.
class live_exchange final : public exchange {
public:
    live_exchange(const std::shared_ptr<connection>& from, std::uint64_t turn, request&& asked)
        : asked_(std::make_shared<const request>(std::move(asked))), events_(from->core().events),
          stream_buffer_(from->core().bounds.stream_buffer), from_(from), turn_(turn) {}

    ~live_exchange() override {
        if (!answered_.exchange(true))
            post([turn = turn_](connection& live) { live.dropped(turn); }, [] {});
    }

    const request& asked() const noexcept override { return *asked_; }

    void answer(response whole) override {
        if (answered_.exchange(true))
            return;
        post([turn = turn_,
              whole = std::move(whole)](connection& live) mutable { live.answer(turn, std::move(whole)); },
             [] {});
    }

    std::shared_ptr<body_stream> begin(response head) override {
        auto queue = std::make_shared<outgoing_queue>(events_, stream_buffer_);
        if (answered_.exchange(true))
            queue->gone();
        else
            post([turn = turn_, head = std::move(head),
                  queue](connection& live) mutable { live.begin(turn, std::move(head), queue); },
                 [queue] { queue->gone(); });
        return std::make_shared<live_body_stream>(std::move(queue));
    }

    void on_gone(std::function<void()> hear) override {
        if (!answered_.load())
            post([turn = turn_, hear](connection& live) mutable { live.hear_gone(turn, std::move(hear)); },
                 hear);
    }

    void upgrade(std::string_view protocol, std::function<void(descriptor)> taken) override {
        if (!answered_.exchange(true))
            post([turn = turn_, asked = asked_, protocol = std::string{protocol},
                  taken](connection& live) { live.upgrade(turn, *asked, protocol, taken); },
                 [taken] { taken({}); });
    }

    void open_web_socket(std::function<void(std::shared_ptr<web_socket>)> opened) override {
        if (!answered_.exchange(true))
            post([turn = turn_, asked = asked_,
                  opened](connection& live) { live.open_web_socket(turn, *asked, opened); },
                 [opened] { opened(nullptr); });
    }

private:
    template <class Work>
    void post(Work work, std::function<void()> too_late) {
        events_->post([from = from_, work = std::move(work), too_late = std::move(too_late)]() mutable {
            auto live = from.lock();
            if (live && !live->closed())
                work(*live);
            else
                too_late();
        });
    }

    const std::shared_ptr<const request> asked_;
    const std::shared_ptr<loop> events_;
    const std::size_t stream_buffer_;
    const std::weak_ptr<connection> from_;
    const std::uint64_t turn_;
    std::atomic<bool> answered_{false};
};

} // namespace

std::shared_ptr<exchange> make_exchange(const std::shared_ptr<connection>& from, std::uint64_t turn,
                                        request&& asked) {
    return std::make_shared<live_exchange>(from, turn, std::move(asked));
}

} // namespace gestvenv::http
