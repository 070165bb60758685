// SPDX-License-Identifier: MIT
// What takes time, as spans of traces: an operation, and its steps below it. One receiver per process hears of them;
// without one nothing is noted, and a span is an empty object.
#pragma once

#include "system/tracing/trace_context.hpp"

#include <gestvenv/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

/// On whose behalf something is done.
struct request_origin {
    /// The span above; without one, the trace begins with what is done.
    trace_context context;
    /// Of a node; empty: none.
    std::string operation;

    /// Whether the caller has named a span of its own.
    bool is_child() const noexcept { return context.span != span_id{}; }
};

/// A span as its receiver gets it. Texts have no secrets.
struct span_record {
    std::string name;
    trace_context context;
    /// All zeros: the first of its trace.
    span_id parent{};
    /// A span of another trace that this one follows.
    std::optional<trace_context> follows;
    std::string operation;
    std::string environment_id;
    std::string environment_name;
    std::chrono::system_clock::time_point began;
    std::chrono::nanoseconds duration{0};
    std::vector<std::pair<std::string, std::string>> attributes;
    std::optional<error> problem;
};

/// Thread-safe. Must neither block nor throw: it is called on threads of actors.
class span_receiver {
public:
    span_receiver() = default;
    span_receiver(const span_receiver&) = delete;
    span_receiver& operator=(const span_receiver&) = delete;
    virtual ~span_receiver() = default;

    virtual void ended(const span_record& what) = 0;
};

/// From now on, for the whole process; null: no receiver. Spans that were begun before go to the receiver of then.
void set_span_receiver(std::shared_ptr<span_receiver> receiver);
bool spans_are_received() noexcept;

/// A handle of one span; empty without a receiver: then every function does nothing. Copies are the same span,
/// which ends with the last of them, if it was not ended before. Not thread-safe, but for its end.
class span {
public:
    span() = default;
    /// Without an origin it is the first of a new trace.
    static span begin(std::string_view name, const std::optional<request_origin>& origin);
    /// A step of this one.
    span step(std::string_view name) const;

    explicit operator bool() const noexcept { return state_ != nullptr; }
    void set_environment(std::string_view id, std::string_view name) const;
    void set(std::string_view key, std::string_view value) const;
    void follow(const trace_context& other) const;
    /// For those who do a part of it elsewhere; none of an empty span.
    std::optional<request_origin> origin() const;
    void fail(const error& why) const;
    void end() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

/// What both sides of a request know, where the request itself has no room for its origin.
struct origin_key {
    std::string_view kind;
    std::string_view id;
    std::uint64_t number = 0;
};

/// Leaves word for those who will do something on behalf of another. Nothing without a receiver of spans. Bounded: the
/// oldest goes first. Thread-safe.
void note_origin(const origin_key& key, const std::optional<request_origin>& origin);
/// Once.
std::optional<request_origin> take_origin(const origin_key& key);

constexpr origin_key creation_of(std::string_view environment_id) {
    return {"creation", environment_id};
}
constexpr origin_key teardown_of(std::string_view environment_id) {
    return {"teardown", environment_id};
}
/// What the reaper does for the supervisor.
constexpr origin_key undoing_of(std::string_view environment_id) {
    return {"undoing", environment_id};
}
/// A task of the installer.
constexpr origin_key package_job_of(std::string_view environment_id, std::uint64_t number) {
    return {"package job", environment_id, number};
}
/// A command, by its link (system/process/command_link.hpp).
inline origin_key command_of(const void* link) {
    return {"command", {}, reinterpret_cast<std::uintptr_t>(link)};
}
/// What an actor asks, by the actor's id.
constexpr origin_key request_of(std::uint64_t actor) {
    return {"request", {}, actor};
}

} // namespace gestvenv
