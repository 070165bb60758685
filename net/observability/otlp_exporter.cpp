// SPDX-License-Identifier: MIT
#include "net/observability/otlp_exporter.hpp"

#include "net/observability/otlp_document.hpp"
#include "runtime/signal_mask.hpp"
#include "system/redaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::size_t most_answer_bytes = 64 << 10;

enum class verdict { accepted, later, never };

bool may_be_tried_again(int status) {
    constexpr int too_many = 429;
    return status == too_many || (status >= 502 && status <= 504);
}

/// The client's words are about a node.
std::string about_collector(std::string text) {
    constexpr std::string_view node = "the node";
    for (auto place = text.find(node); place != std::string::npos; place = text.find(node, place + 1))
        text.replace(place, node.size(), "the collector");
    return text;
}

} // namespace

// Shared with its thread, which may outlive the object for as long as a request lasts.
struct otlp_exporter::implementation {
    otlp_settings settings;
    std::function<void(std::string_view)> warn;
    std::mutex mutex;
    std::condition_variable news;
    std::deque<span_record> waiting;
    /// Of the request under way.
    std::size_t asked = 0;
    bool ending = false;
    bool ended = false;
    /// Under the mutex, as long as it asks something.
    http::client* asking = nullptr;
    std::optional<http::client> connection;
    bool failing = false;
    /// Under the mutex.
    std::string last_failure;
    std::atomic<std::uint64_t> exported{0};
    std::atomic<std::uint64_t> dropped{0};
    std::thread thread;

    void run() {
        std::unique_lock lock{mutex};
        for (;;) {
            news.wait(lock, [this] { return ending || !waiting.empty(); });
            if (!ending)
                news.wait_for(lock, gathers_for,
                              [this] { return ending || waiting.size() >= most_in_request; });
            if (waiting.empty())
                break;
            const auto count = std::min(waiting.size(), most_in_request);
            const auto last = waiting.begin() + static_cast<std::ptrdiff_t>(count);
            std::vector<span_record> batch{std::make_move_iterator(waiting.begin()),
                                           std::make_move_iterator(last)};
            waiting.erase(waiting.begin(), last);
            asked = batch.size();
            export_batch(lock, batch);
            asked = 0;
        }
        ended = true;
        news.notify_all();
    }

    void export_batch(std::unique_lock<std::mutex>& lock, const std::vector<span_record>& batch) {
        lock.unlock();
        http::request request;
        request.method = "POST";
        request.target = settings.target;
        request.headers.add("Content-Type", "application/json");
        for (const auto& [name, value] : settings.headers)
            request.headers.add(name, value);
        request.body = otlp_document(batch, settings.resource);
        lock.lock();
        auto pause = first_pause;
        for (int attempt = 1;; ++attempt, pause *= 2) {
            lock.unlock();
            const auto answer = ask(request);
            lock.lock();
            if (answer == verdict::accepted) {
                exported += batch.size();
                return;
            }
            // At the end there is no later.
            if (answer == verdict::never || attempt == most_attempts || ending) {
                dropped += batch.size();
                return;
            }
            news.wait_for(lock, pause, [this] { return ending; });
        }
    }

    verdict ask(const http::request& request) {
        if (!connection) {
            // Cannot be broken off: no longer than the end waits.
            const auto connect = std::min<std::chrono::milliseconds>(settings.timeout, last_patience);
            auto made = http::client::connect(settings.where, {connect, settings.timeout, settings.timeout});
            if (!made)
                return note(verdict::later, about_collector(made.error().message));
            connection.emplace(std::move(*made));
        }
        {
            std::scoped_lock lock{mutex};
            asking = &*connection;
        }
        auto answer = connection->ask(request, most_answer_bytes);
        {
            std::scoped_lock lock{mutex};
            asking = nullptr;
        }
        if (!answer) {
            connection.reset();
            return note(verdict::later, answer.error().code == error_code::cancelled
                                            ? "it has not answered in time"
                                            : about_collector(answer.error().message));
        }
        constexpr int first_error = 300;
        if (answer->status >= first_error)
            return note(may_be_tried_again(answer->status) ? verdict::later : verdict::never,
                        fmt::format("it answers with status {}", answer->status));
        return note(verdict::accepted, {});
    }

    // Once for each time that it begins to fail, and when it works again.
    verdict note(verdict what, std::string_view why) {
        const bool fails = what != verdict::accepted;
        if (fails) {
            std::scoped_lock lock{mutex};
            last_failure = without_secrets(why);
        }
        if (std::exchange(failing, fails) == fails || !warn)
            return what;
        const auto name = fmt::format("{}://{}:{}{}", settings.where.encrypted ? "https" : "http",
                                      settings.where.host, settings.where.port, settings.target);
        warn(fails ? fmt::format("traces cannot be sent to {}: {}", name, without_secrets(why))
                   : fmt::format("traces are sent to {} again", name));
        return what;
    }
};

otlp_exporter::otlp_exporter(otlp_settings settings, std::function<void(std::string_view)> warn)
    : inside_(std::make_shared<implementation>()) {
    inside_->settings = std::move(settings);
    inside_->warn = std::move(warn);
    all_signals_blocked guard;
    inside_->thread = std::thread{[inside = inside_] { inside->run(); }};
}

void otlp_exporter::end(std::chrono::milliseconds patience, std::chrono::milliseconds to_break_off) noexcept {
    std::unique_lock lock{inside_->mutex};
    if (std::exchange(inside_->ending, true))
        return;
    inside_->news.notify_all();
    if (!inside_->news.wait_for(lock, patience, [this] { return inside_->ended; })) {
        inside_->dropped += inside_->waiting.size();
        inside_->waiting.clear();
        if (inside_->asking != nullptr)
            inside_->asking->cancel();
        inside_->news.wait_for(lock, to_break_off, [this] { return inside_->ended; });
    }
    const bool done = inside_->ended;
    if (!done)
        inside_->dropped += inside_->asked;
    lock.unlock();
    if (done)
        inside_->thread.join();
    else
        inside_->thread.detach(); // it holds all that it uses
}

void otlp_exporter::send(const span_record& what) noexcept {
    try {
        std::scoped_lock lock{inside_->mutex};
        if (inside_->waiting.size() >= most_waiting || inside_->ending) {
            ++inside_->dropped;
            return;
        }
        inside_->waiting.push_back(what);
        if (inside_->waiting.size() == 1 || inside_->waiting.size() == most_in_request)
            inside_->news.notify_all();
    } catch (const std::exception&) { // out of memory
        ++inside_->dropped;
    }
}

std::uint64_t otlp_exporter::exported() const noexcept {
    return inside_->exported;
}

std::uint64_t otlp_exporter::dropped() const noexcept {
    return inside_->dropped;
}

std::string otlp_exporter::last_failure() const {
    std::scoped_lock lock{inside_->mutex};
    return inside_->last_failure;
}

} // namespace gestvenv
