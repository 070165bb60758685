// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_source.hpp"

#include "messages/json.hpp"
#include "net/client/problem_document.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/ephemeral/environment_list.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/known_environments.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

template <class T>
outcome<T> value_in(const outcome<http::response>& answer) {
    if (!answer)
        return failure(answer.error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    return parse_json(answer->body).and_then([](const nlohmann::json& value) {
        return from_json_value<T>(value);
    });
}

std::string environment_path(const std::string& id) {
    return "/ephemeral/environments/" + path_part(id);
}

} // namespace

outcome<std::unique_ptr<top_source>> top_source::start(node_choice choice,
                                                       std::chrono::milliseconds interval) {
    gestvenv::descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!wake)
        return system_failure(errno, "cannot watch the node");
    return std::unique_ptr<top_source>{new top_source{std::move(choice), interval, std::move(wake)}};
}

top_source::top_source(node_choice choice, std::chrono::milliseconds interval, gestvenv::descriptor wake)
    : choice_(std::move(choice)), interval_(interval), wake_(std::move(wake)), watcher_([this] { watch(); }),
      actor_([this] { act(); }) {}

top_source::~top_source() {
    {
        std::scoped_lock lock{mutex_};
        ends_ = true;
        if (link_)
            link_->close();
    }
    changed_.notify_all();
    watcher_.join();
    actor_.join();
}

top_news top_source::take() {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_.get(), &count, sizeof count)); // where there is nothing, there are no news
    std::scoped_lock lock{mutex_};
    top_news taken;
    taken.living = std::exchange(news_.living, std::nullopt);
    taken.told = std::exchange(news_.told, std::nullopt);
    taken.text = std::exchange(news_.text, std::nullopt);
    taken.trouble = news_.trouble;
    return taken;
}

void top_source::wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_.get(), &one, sizeof one)); // full means that it is awake
}

/// The node that runs now; one that has ended may have been followed by another.
outcome<std::shared_ptr<node_link>> top_source::link() {
    {
        std::scoped_lock lock{mutex_};
        if (link_)
            return link_;
    }
    auto found = find_node(choice_);
    if (!found)
        return failure(std::move(found).error());
    if (!*found)
        return failure(error_code::node_unreachable, "no node runs; waiting for one", "gestvenv node start");
    std::scoped_lock lock{mutex_};
    link_ = std::make_shared<node_link>(address_of(**found), (*found)->token);
    link_is_local_ = !(*found)->socket.empty();
    if (ends_)
        link_->close();
    return link_;
}

void top_source::look() {
    auto living =
        link().and_then([](const std::shared_ptr<node_link>& link) { return ask_for_usage(*link, true); });
    std::scoped_lock lock{mutex_};
    if (living) {
        news_.living = std::move(*living);
        news_.trouble.clear();
    } else {
        // Another process may have taken its place by the next time.
        news_.trouble =
            link_ ? fmt::format("the node does not answer ({}); trying again", living.error().message)
                  : living.error().message;
        if (living.error().code == error_code::node_unreachable)
            link_.reset();
    }
}

void top_source::watch() {
    std::unique_lock lock{mutex_};
    while (!ends_) {
        lock.unlock();
        look();
        wake();
        lock.lock();
        changed_.wait_for(lock, interval_, [this] { return ends_; });
    }
}

void top_source::act() {
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return ends_ || !actions_.empty(); });
        if (ends_)
            return;
        auto action = std::move(actions_.front());
        actions_.pop_front();
        lock.unlock();
        action();
        wake();
        lock.lock();
    }
}

void top_source::post(std::function<void()> action) {
    {
        std::scoped_lock lock{mutex_};
        actions_.push_back(std::move(action));
    }
    changed_.notify_all();
}

void top_source::end(const std::string& id, const std::string& name) {
    post([this, id, name] {
        auto receipt = link().and_then([&id](const std::shared_ptr<node_link>& link) {
            return value_in<teardown_receipt>(
                link->ask("DELETE", environment_path(id) + "?force=true", {}, node_link::patience::work));
        });
        std::scoped_lock lock{mutex_};
        news_.told = receipt ? fmt::format("{} has been ended; nothing of it is left", name)
                             : fmt::format("{}: {}", name, receipt.error().message);
    });
}

outcome<std::string> top_source::description_of(const std::string& id) {
    auto info = link().and_then([&id](const std::shared_ptr<node_link>& link) {
        return value_in<environment_info>(
            link->ask("GET", environment_path(id), {}, node_link::patience::quick));
    });
    if (!info)
        return failure(std::move(info).error());
    known_environment shown{info->id, info->name, known_state::living, {}, {}, {}};
    if (link_is_local_) {
        try {
            auto known = find_known_environments().environments;
            const auto found =
                std::find_if(known.begin(), known.end(), [&id](const auto& one) { return one.id == id; });
            if (found != known.end())
                shown.holds = std::move(found->holds);
        } catch (const ephemeral_exception&) { // NOLINT(bugprone-empty-catch)
            // What it holds is in the journals; what it is, the node has said.
        }
    }
    shown.info = std::move(*info);
    return environment_text(shown, std::chrono::system_clock::now());
}

void top_source::show(const std::string& id) {
    post([this, id] {
        auto text = description_of(id);
        std::scoped_lock lock{mutex_};
        if (text)
            news_.text = std::move(*text);
        else
            news_.told = text.error().message;
    });
}

} // namespace gestvenv::cli
