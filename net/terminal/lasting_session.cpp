// SPDX-License-Identifier: MIT
#include "net/terminal/lasting_session.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace gestvenv::terminal {

void lasting_session::start(std::shared_ptr<session_client> client, const window_size& size) {
    first_ = std::move(client);
    first_size_ = size;
    if (auto added = all_.add(shared_from_this()); !added)
        return failed(added.error());
    command_->start(weak_from_this());
}

void lasting_session::begun(const operation_info& info) {
    info_.id = info.id;
    info_.started_at = info.started_at;
    if (auto client = std::exchange(first_, nullptr))
        return attach(std::move(client), first_size_);
    // It went before anything was there that could go on.
    command_->hang_up();
    all_.remove(*this);
}

void lasting_session::attach(std::shared_ptr<session_client> client, const window_size& size) {
    clients_.push_back(client);
    info_.attached = static_cast<std::int64_t>(clients_.size());
    client->attached(info_.id);
    const auto before = shown_.shown_again();
    if (!before.empty())
        client->show(before);
    resize(*client, size);
    // A program that draws the whole screen draws it anew, also where the size is the one it had.
    if (!before.empty())
        command_->signal(SIGWINCH);
    if (clients_.size() > 1)
        for (const auto& one : clients_)
            if (one->is_full())
                one->hold_up_others();
}

void lasting_session::detach(const session_client& client) {
    if (first_.get() == &client)
        first_.reset();
    std::erase_if(clients_, [&](const auto& one) { return one.get() == &client; });
    info_.attached = static_cast<std::int64_t>(clients_.size());
    go_on();
}

bool lasting_session::type(std::string_view keys) {
    command_->type(keys);
    return command_->has_room();
}

void lasting_session::resize(const session_client& client, const window_size& size) {
    if (clients_.empty() || clients_.back().get() != &client)
        return;
    // A terminal whose size cannot be changed has one all the same.
    (void)command_->resize(size);
}

bool lasting_session::has_full_client() const {
    return std::any_of(clients_.begin(), clients_.end(), [](const auto& one) { return one->is_full(); });
}

void lasting_session::go_on() {
    if (!has_full_client())
        command_->go_on();
}

bool lasting_session::show(std::string_view output) {
    shown_.add(output);
    for (const auto& one : std::vector{clients_}) // a client may go meanwhile
        one->show(output);
    if (clients_.size() > 1)
        for (const auto& one : clients_)
            if (one->is_full())
                one->hold_up_others();
    return !has_full_client();
}

// As in a terminal without job control: what has no shell around it goes on.
void lasting_session::stopped(int signal) {
    if (signal != SIGSTOP)
        command_->signal(SIGCONT);
}

void lasting_session::has_room() {
    for (const auto& one : std::vector{clients_})
        one->has_room();
}

std::vector<std::shared_ptr<session_client>> lasting_session::take_clients() {
    auto clients = std::exchange(clients_, {});
    if (auto first = std::exchange(first_, nullptr))
        clients.push_back(std::move(first));
    all_.remove(*this);
    return clients;
}

void lasting_session::ended(const operation_result& result) {
    const auto kept = shared_from_this();
    for (const auto& one : take_clients())
        one->ended(result);
}

void lasting_session::failed(const error& problem) {
    const auto kept = shared_from_this();
    for (const auto& one : take_clients())
        one->failed(problem);
}

} // namespace gestvenv::terminal
