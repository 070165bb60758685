// SPDX-License-Identifier: MIT
#include <gestvenv/command_control.hpp>

#include "runtime/environment_host.hpp"
#include "system/process/command_link.hpp"

#include <csignal>
#include <utility>

namespace gestvenv {

command_control::command_control()
    : link_(std::make_shared<command_link>()), on_stop_(std::make_shared<std::function<void(int)>>()) {}

bool command_control::send_signal(int number, signal_target target) const {
    return link_->signal({0, number, target, {}});
}

bool command_control::resume(bool in_foreground) const {
    return link_->signal({0, SIGCONT, signal_target::group, in_foreground});
}

bool command_control::end(std::chrono::milliseconds grace) const {
    return link_->kill(grace);
}

void command_control::on_stop(std::function<void(int)> hear) {
    *on_stop_ = std::move(hear);
}

void command_control::call_on(const std::weak_ptr<environment_host>& host) const {
    if (!*on_stop_)
        return;
    link_->on_stop([host, hear = on_stop_](int signal) {
        auto living = host.lock();
        // At the end of the host nothing is called any more.
        if (living)
            (void)living->callbacks().post([hear, signal] { (*hear)(signal); });
    });
}

} // namespace gestvenv
