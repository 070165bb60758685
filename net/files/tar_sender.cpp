// SPDX-License-Identifier: MIT
#include "net/files/tar_sender.hpp"

#include <atomic>
#include <utility>

namespace gestvenv::files {

namespace {

/// Pieces packed at a time, before other work has its turn.
constexpr int pieces_at_a_time = 16;

/// Its functions run one after the other, on any worker's thread.
class tar_sender : public std::enable_shared_from_this<tar_sender> {
public:
    tar_sender(file_workers& workers, tar_packer from, std::shared_ptr<http::body_stream> to,
               std::function<void(const error&)> on_failure)
        : workers_(workers), from_(std::move(from)), to_(std::move(to)), on_failure_(std::move(on_failure)) {}

    void start() {
        to_->on_gone([weak = weak_from_this()] {
            if (auto self = weak.lock())
                self->gone_ = true;
        });
        send();
    }

private:
    void send() {
        for (int count = 0; count < pieces_at_a_time && !gone_; ++count) {
            auto piece = from_.next();
            if (!piece) {
                on_failure_(piece.error());
                return to_.reset();
            }
            if (piece->empty())
                return to_->end();
            if (!to_->write(std::move(*piece)))
                return to_->on_room([self = shared_from_this()] { self->go_on(); });
        }
        if (!gone_)
            go_on();
    }

    void go_on() {
        workers_.go_on([self = shared_from_this()](const deadline&) { self->send(); });
    }

    file_workers& workers_;
    tar_packer from_;
    std::shared_ptr<http::body_stream> to_;
    std::function<void(const error&)> on_failure_;
    std::atomic<bool> gone_{false};
};

} // namespace

void send_tar(file_workers& workers, tar_packer from, std::shared_ptr<http::body_stream> to,
              std::function<void(const error&)> on_failure) {
    std::make_shared<tar_sender>(workers, std::move(from), std::move(to), std::move(on_failure))->start();
}

} // namespace gestvenv::files
