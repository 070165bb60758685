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
    tar_sender(file_workers& workers, tar_sending what) : workers_(workers), its_(std::move(what)) {}

    void start() {
        its_.to->on_gone([weak = weak_from_this()] {
            if (auto self = weak.lock())
                self->gone_ = true;
        });
        send();
    }

private:
    void send() {
        for (int count = 0; count < pieces_at_a_time && !gone_; ++count) {
            auto piece = its_.from.next();
            if (!piece)
                return cut(piece.error());
            if (piece->empty())
                return its_.confirm([self = shared_from_this()](const outcome<void>& whole) {
                    whole ? self->its_.to->end() : self->cut(whole.error());
                });
            if (!its_.to->write(std::move(*piece)))
                return its_.to->on_room([self = shared_from_this()] { self->go_on(); });
        }
        if (!gone_)
            go_on();
    }

    void go_on() {
        workers_.go_on([self = shared_from_this()](const deadline&) { self->send(); });
    }

    void cut(const error& why) {
        its_.on_failure(why);
        its_.to.reset();
    }

    file_workers& workers_;
    tar_sending its_;
    std::atomic<bool> gone_{false};
};

} // namespace

void send_tar(file_workers& workers, tar_sending what) {
    std::make_shared<tar_sender>(workers, std::move(what))->start();
}

} // namespace gestvenv::files
