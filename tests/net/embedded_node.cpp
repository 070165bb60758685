// SPDX-License-Identifier: MIT
#include "tests/net/embedded_node.hpp"

#include "messages/json.hpp"
#include "net/operations/event_streams.hpp"
#include "net/operations/operations.hpp"
#include "net/operations/types.hpp"
#include "runtime/ask.hpp"
#include "system/random_identifier.hpp"
#include "tests/net/http_fixture.hpp"
#include "tests/runtime/host.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace gestvenv::test {

namespace {

bool is_so_in_time(const std::function<bool()>& is_so) {
    constexpr std::chrono::milliseconds between{20};
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() >= until)
            return false;
        std::this_thread::sleep_for(between);
    }
    return true;
}

} // namespace

embedded_node::embedded_node(runtime_config config) {
    announce_net_types();
    auto options = options_in(folder_);
    config.base_storage_path = options.config.base_storage_path;
    options.config = std::move(config);
    services.state_root = options.state_root;
    services.runtime = std::make_shared<runtime_core>(std::move(options));
    observability_settings quiet;
    quiet.log.level = log_level::warning;
    quiet.log.file = folder_.path() / "node.log";
    services.observability = std::move(observability::start(std::move(quiet)).value());
    auto& system = services.runtime->actors();
    services.operations.set(spawn_operations(system, services.runtime->shared()));
    services.events.set(spawn_event_streams(system));
    services.clients = std::move(client_watch::start([](const std::string&) {}).value());
    services.tokens = std::make_unique<token_store>(services.state_root);
    api_.emplace(services);
    server_.emplace(*api_, http::limits{});
    services.server = &*server_;
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const auto path = address().socket;
    REQUIRE(path.size() < sizeof name.sun_path);
    std::memcpy(name.sun_path, path.data(), path.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    REQUIRE(::listen(socket.get(), 1024) == 0);
    const auto listens = server_->listen(std::move(socket));
    REQUIRE(listens.has_value());
    server_->start();
}

// As a node ends (net/node/node.cpp).
embedded_node::~embedded_node() {
    for (const auto& receipt : services.runtime->shut_down())
        CHECK(receipt.clean());
    services.clients.reset();
    // Here they have no supervisor that does it.
    caf::anon_send_exit(services.operations(), caf::exit_reason::user_shutdown);
    caf::anon_send_exit(services.events(), caf::exit_reason::user_shutdown);
    services.runtime->close();
    server_.reset();
}

http::server_address embedded_node::address() const {
    http::server_address where;
    where.socket = (folder_.path() / "node.sock").string();
    return where;
}

http::client embedded_node::connect() const {
    auto made = http::client::connect(address(), {});
    REQUIRE(made.has_value());
    return std::move(*made);
}

http::response embedded_node::ask(std::string_view method, const std::string& path, std::string body,
                                  const std::vector<std::pair<std::string, std::string>>& headers) const {
    http::request wish;
    wish.method = method;
    wish.target = "/api/v1/ephemeral/environments/" + path;
    wish.body = std::move(body);
    for (const auto& [name, value] : headers)
        wish.headers.add(name, value);
    auto answer = connect().ask(wish);
    INFO((answer ? "" : answer.error().message));
    REQUIRE(answer.has_value());
    return std::move(*answer);
}

bool embedded_node::becomes(const std::string& target,
                            const std::function<bool(const nlohmann::json&)>& wanted) const {
    auto client = connect();
    return is_so_in_time([&] {
        auto answer = client.ask(get(target));
        REQUIRE(answer.has_value());
        return wanted(nlohmann::json::parse(answer->body));
    });
}

bool embedded_node::logs(std::string_view text) const {
    return is_so_in_time([&] {
        std::ifstream log{folder_.path() / "node.log"};
        const std::string all{std::istreambuf_iterator<char>{log}, {}};
        return all.find(text) != std::string::npos;
    });
}

environment_info embedded_node::create() {
    return services.runtime->ask<environment_info>(create_atom_v, random_identifier(), environment_spec{});
}

} // namespace gestvenv::test
