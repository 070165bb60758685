// SPDX-License-Identifier: MIT
// A node within a test: a runtime, the services and the whole interface, on a Unix socket.
#pragma once

#include "net/http/client.hpp"
#include "net/http/server.hpp"
#include "net/node/node_services.hpp"
#include "net/rest/api.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/environment_info.hpp>
#include <gestvenv/runtime_config.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::test {

class embedded_node {
public:
    explicit embedded_node(runtime_config config = {});
    embedded_node(const embedded_node&) = delete;
    embedded_node& operator=(const embedded_node&) = delete;
    ~embedded_node();

    http::server_address address() const;
    http::client connect() const;
    /// Over a connection of its own. The path is below /api/v1/ephemeral/environments/.
    http::response ask(std::string_view method, const std::string& path, std::string body = {},
                       const std::vector<std::pair<std::string, std::string>>& headers = {}) const;
    /// Asks GET `target` until the answer is as wanted; false after a while.
    bool becomes(const std::string& target, const std::function<bool(const nlohmann::json&)>& wanted) const;

    /// Waits until its log has the text; false after a while.
    bool logs(std::string_view text) const;

    environment_info create();
    /// As this process sees it.
    static std::filesystem::path work_of(const environment_info& made) { return made.host_path / "work"; }

    node_services services;

private:
    temporary_folder folder_;
    std::optional<rest::api> api_;
    std::optional<http::server> server_;
};

} // namespace gestvenv::test
