// SPDX-License-Identifier: MIT
#include "net/http/server.hpp"

#include "net/http/connection.hpp"
#include "net/http/listener.hpp"
#include "net/tls/tls_context.hpp"
#include "runtime/signal_mask.hpp"

#include <list>
#include <thread>
#include <utility>
#include <vector>

namespace gestvenv::http {

struct server::implementation {
    implementation(handler& handles, limits bounds) : core(handles, bounds), patience(*core.events) {}

    server_core core;
    std::vector<std::shared_ptr<listener>> listeners;
    std::list<loop_timer> delayed;
    loop_timer patience;
    std::function<void()> drained;
    std::thread thread;

    outcome<void> take(descriptor listening, std::shared_ptr<tls_context> security) {
        if (auto prepared = prepare_listening(listening); !prepared)
            return prepared;
        auto shared = std::make_shared<descriptor>(std::move(listening));
        core.events->post([this, shared, security = std::move(security)] {
            if (core.draining)
                return;
            listeners.push_back(std::make_shared<listener>(core, std::move(*shared), security));
            listeners.back()->start();
        });
        return {};
    }

    void stop_listening() {
        core.draining = true;
        for (auto& one : listeners)
            one->close();
        listeners.clear();
    }

    void close_connections() {
        auto living = core.living;
        for (const auto& one : living)
            one->close();
    }

    void drain(std::chrono::milliseconds most, std::function<void()> done) {
        stop_listening();
        drained = std::move(done);
        auto all_ended = [this] {
            patience.cancel();
            if (auto hear = std::exchange(drained, nullptr))
                hear();
        };
        auto living = core.living;
        for (const auto& one : living)
            one->drain();
        if (core.living.empty())
            return all_ended();
        core.when_empty = all_ended;
        patience.at(loop_clock::now() + most, [this] { close_connections(); });
    }

    void end() {
        stop_listening();
        core.when_empty = nullptr;
        patience.cancel();
        delayed.clear();
        close_connections();
    }
};

server::server(handler& handles, limits bounds)
    : inside_(std::make_unique<implementation>(handles, bounds)) {}

server::~server() {
    auto& inside = *inside_;
    if (inside.thread.joinable()) {
        inside.core.events->post([&inside] {
            inside.end();
            inside.core.events->stop();
        });
        inside.thread.join();
    } else {
        inside.end();
    }
    // What was asked meanwhile is dropped; exchanges that others hold may outlive this.
    inside.core.events->close();
}

outcome<void> server::listen(descriptor listening) {
    return inside_->take(std::move(listening), nullptr);
}

outcome<std::string> server::listen_tcp(std::string_view address, const tls_identity* identity) {
    std::shared_ptr<tls_context> security;
    if (identity) {
        auto made = tls_context::for_server(*identity);
        if (!made)
            return failure(std::move(made.error()));
        security = std::move(*made);
    }
    auto socket = listen_on(address);
    if (!socket)
        return failure(std::move(socket.error()));
    if (auto taken = inside_->take(std::move(socket->first), std::move(security)); !taken)
        return failure(std::move(taken.error()));
    return std::move(socket->second);
}

void server::start() {
    // The host's signals are not for this thread.
    all_signals_blocked blocked;
    inside_->thread = std::thread([events = inside_->core.events] { events->run(); });
}

void server::drain(std::chrono::milliseconds patience, std::function<void()> done) {
    inside_->core.events->post([inside = inside_.get(), patience, done = std::move(done)]() mutable {
        inside->drain(patience, std::move(done));
    });
}

server_load server::load() const noexcept {
    const auto& core = inside_->core;
    return {core.connections.load(), core.in_flight.load(), core.streams.load()};
}

void server::post(std::function<void()> work) {
    inside_->core.events->post(std::move(work));
}

void server::post_after(std::chrono::milliseconds delay, std::function<void()> work) {
    auto when = loop_clock::now() + delay;
    inside_->core.events->post([inside = inside_.get(), when, work = std::move(work)]() mutable {
        auto& delayed = inside->delayed;
        auto at = delayed.emplace(delayed.end(), *inside->core.events);
        at->at(when, [&delayed, at, work = std::move(work)] {
            delayed.erase(at);
            work();
        });
    });
}

} // namespace gestvenv::http
