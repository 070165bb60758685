// SPDX-License-Identifier: MIT
#include "net/terminal/terminals.hpp"

#include "net/terminal/lasting_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv::terminal {

namespace {

std::string described(const std::vector<std::shared_ptr<lasting_session>>& sessions) {
    std::string text;
    for (const auto& one : sessions)
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", one->info().id.substr(0, 8),
                            one->info().command);
    return text;
}

} // namespace

terminals::terminals() = default;

terminals::~terminals() {
    if (loop_)
        loop_->end();
}

outcome<std::shared_ptr<execution::event_loop>> terminals::loop() {
    std::scoped_lock lock{mutex_};
    if (!loop_) {
        auto started = reactor::start();
        if (!started)
            return failure(std::move(started).error());
        loop_ = std::make_shared<execution::event_loop>(std::move(*started));
    }
    return loop_;
}

void terminals::list(std::string environment_id,
                     std::function<void(const std::vector<std::shared_ptr<lasting_session>>&)> hear) {
    std::shared_ptr<execution::event_loop> running;
    {
        std::scoped_lock lock{mutex_};
        running = loop_;
    }
    if (!running)
        return hear({});
    running->post([this, id = std::move(environment_id), hear = std::move(hear)] { hear(of(id)); });
}

outcome<void> terminals::add(std::shared_ptr<lasting_session> session) {
    if (sessions_.size() >= most_sessions)
        return failure(error_code::resources_exhausted,
                       fmt::format("the node has {} terminal sessions, and takes no more", most_sessions),
                       "end some: gestvenv ephemeral attach ENVIRONMENT");
    sessions_.push_back(std::move(session));
    return {};
}

void terminals::remove(const lasting_session& session) {
    sessions_.erase(std::remove_if(sessions_.begin(), sessions_.end(),
                                   [&](const auto& one) { return one.get() == &session; }),
                    sessions_.end());
}

std::vector<std::shared_ptr<lasting_session>> terminals::of(std::string_view environment_id) const {
    std::vector<std::shared_ptr<lasting_session>> found;
    for (const auto& one : sessions_)
        if (one->info().environment == environment_id && !one->info().id.empty())
            found.push_back(one);
    return found;
}

outcome<std::shared_ptr<lasting_session>> terminals::find(std::string_view environment_id,
                                                          std::string_view id) const {
    const auto all = of(environment_id);
    if (all.empty())
        return failure(error_code::not_found, "the environment has no terminal session",
                       "gestvenv ephemeral shell begins one");
    std::vector<std::shared_ptr<lasting_session>> fitting;
    std::copy_if(all.begin(), all.end(), std::back_inserter(fitting),
                 [&](const auto& one) { return one->info().id.starts_with(id); });
    if (fitting.size() == 1)
        return fitting.front();
    if (fitting.empty())
        return failure(error_code::not_found, fmt::format("the environment has no terminal session {}", id),
                       "it has " + described(all));
    return failure(error_code::invalid_argument,
                   id.empty() ? "the environment has several terminal sessions"
                              : fmt::format("several terminal sessions begin with {}", id),
                   "name one of " + described(fitting));
}

} // namespace gestvenv::terminal
