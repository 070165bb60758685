// SPDX-License-Identifier: MIT
#include "tools/bench/rows/measured_node.hpp"

#include "net/node/node_start.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/wait.h>
#include <utility>

namespace gestvenv::bench {

measured_node::measured_node(const context& shared, const std::string& limits,
                             std::vector<std::string> options)
    : folder_(shared.scratch) {
    const auto& root = folder_.path();
    std::filesystem::create_directory(root / "run");
    std::filesystem::permissions(root / "run", std::filesystem::perms::owner_all);
    std::ofstream{root / "config.toml"} << "[ephemeral]\n" << limits;
    ::setenv("XDG_RUNTIME_DIR", (root / "run").c_str(), 1);
    ::setenv("XDG_STATE_HOME", (root / "state").c_str(), 1);
    node_start_options start;
    start.program = shared.command_line->parent_path() / "gestvenv-node";
    start.arguments = {"--config", (root / "config.toml").string(), "--idle-end", "unlimited"};
    start.arguments.insert(start.arguments.end(), options.begin(), options.end());
    auto started = start_node(node_place{root / "state" / "gestvenv"}, start);
    if (!started)
        throw std::runtime_error{started.error().message};
    record_ = started->record;
}

measured_node::~measured_node() {
    ::kill(record_.pid, SIGTERM);
    ::waitpid(record_.pid, nullptr, 0); // start_node() has made it a child of this process
}

http::client measured_node::connect() const {
    auto made = http::client::connect({.socket = record_.socket}, {});
    if (!made)
        throw std::runtime_error{made.error().message};
    return std::move(*made);
}

http::response ask(http::client& client, const char* method, std::string target, const nlohmann::json& body) {
    http::request request;
    request.method = method;
    request.target = std::move(target);
    if (!body.is_null()) {
        request.headers.add("Content-Type", "application/json");
        request.body = body.dump();
    }
    auto answer = client.ask(request);
    if (!answer)
        throw std::runtime_error{answer.error().message};
    if (answer->status >= 300)
        throw std::runtime_error{answer->body};
    return std::move(*answer);
}

std::string create(http::client& client, const context& shared) {
    auto answer =
        ask(client, "POST", environments, {{"python_version", shared.python.string()}, {"ttl", 600}});
    return nlohmann::json::parse(answer.body).at("id");
}

void destroy(http::client& client, const std::string& id) {
    ask(client, "DELETE", fmt::format("{}/{}", environments, id));
}

} // namespace gestvenv::bench
