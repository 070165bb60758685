// SPDX-License-Identifier: MIT
#include "system/tracing/span.hpp"

#include "system/tracing/common_origin.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>

namespace gestvenv {

namespace {

constexpr std::size_t most_origins = 10'000;
constexpr std::size_t most_attributes = 32;
constexpr std::size_t longest_value = 1'024;

struct receiver_place {
    std::mutex mutex;
    std::shared_ptr<span_receiver> receiver;
    /// Looked at first: without a receiver a span costs no more than this.
    std::atomic<bool> wanted{false};
};

// Never destroyed: threads of a host may outlive the static objects.
receiver_place& place() {
    static auto* all = new receiver_place; // NOLINT(cppcoreguidelines-owning-memory)
    return *all;
}

std::shared_ptr<span_receiver> receiver() {
    if (!place().wanted.load(std::memory_order_relaxed))
        return nullptr;
    std::scoped_lock lock{place().mutex};
    return place().receiver;
}

struct noted_origin {
    request_origin origin;
    std::uint64_t number = 0;
};

struct origin_table {
    std::mutex mutex;
    std::map<std::string, noted_origin> origins;
    std::uint64_t next = 0;
    std::deque<std::pair<std::uint64_t, std::string>> order;
};

std::string text_of(const origin_key& key) {
    return fmt::format("{} {} {}", key.kind, key.id, key.number);
}

origin_table& origins() {
    static auto* all = new origin_table; // NOLINT(cppcoreguidelines-owning-memory)
    return *all;
}

} // namespace

void set_span_receiver(std::shared_ptr<span_receiver> receiver) {
    std::scoped_lock lock{place().mutex};
    place().wanted = receiver != nullptr;
    place().receiver = std::move(receiver);
}

bool spans_are_received() noexcept {
    return place().wanted.load(std::memory_order_relaxed);
}

struct span::state {
    span_record record;
    std::shared_ptr<span_receiver> receiver;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::atomic<bool> ended{false};

    state() = default;
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() { end({}); }

    void end(std::optional<error> problem) {
        if (ended.exchange(true))
            return;
        record.duration = std::chrono::steady_clock::now() - began;
        record.problem = std::move(problem);
        receiver->ended(record);
    }
};

span span::begin(std::string_view name, const std::optional<request_origin>& origin) {
    span result;
    auto hears = receiver();
    if (!hears)
        return result;
    result.state_ = std::make_shared<state>();
    result.state_->receiver = std::move(hears);
    auto& record = result.state_->record;
    record.name = name;
    record.began = std::chrono::system_clock::now();
    record.context = origin ? origin->context : new_trace();
    if (origin) {
        record.parent = origin->context.span;
        record.operation = origin->operation;
    }
    record.context.span = new_span_id();
    return result;
}

span span::step(std::string_view name) const {
    if (!state_)
        return {};
    auto result = begin(name, origin());
    result.set_environment(state_->record.environment_id, state_->record.environment_name);
    return result;
}

void span::set_environment(std::string_view id, std::string_view name) const {
    if (!state_)
        return;
    state_->record.environment_id = id;
    state_->record.environment_name = name;
}

void span::set(std::string_view key, std::string_view value) const {
    if (state_ && state_->record.attributes.size() < most_attributes)
        state_->record.attributes.emplace_back(key, value.substr(0, longest_value));
}

void span::follow(const trace_context& other) const {
    if (state_)
        state_->record.follows = other;
}

std::optional<request_origin> span::origin() const {
    if (!state_)
        return {};
    return request_origin{state_->record.context, state_->record.operation};
}

void span::fail(const error& why) const {
    if (state_)
        state_->end(why);
}

void span::end() const {
    if (state_)
        state_->end({});
}

void note_origin(const origin_key& key, const std::optional<request_origin>& origin) {
    if (!origin || !spans_are_received())
        return;
    auto& all = origins();
    auto name = text_of(key);
    std::scoped_lock lock{all.mutex};
    const auto number = all.next++;
    all.origins.insert_or_assign(name, noted_origin{*origin, number});
    all.order.emplace_back(number, std::move(name));
    while (all.order.size() > most_origins) {
        // One that was taken, or noted again, is still in the order.
        auto oldest = all.origins.find(all.order.front().second);
        if (oldest != all.origins.end() && oldest->second.number == all.order.front().first)
            all.origins.erase(oldest);
        all.order.pop_front();
    }
}

std::optional<request_origin> take_origin(const origin_key& key) {
    if (!spans_are_received())
        return {};
    auto& all = origins();
    std::scoped_lock lock{all.mutex};
    auto found = all.origins.find(text_of(key));
    if (found == all.origins.end())
        return common_origin();
    auto result = std::move(found->second.origin);
    all.origins.erase(found);
    return result;
}

} // namespace gestvenv
