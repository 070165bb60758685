// SPDX-License-Identifier: MIT
// A node reduced to what its client needs: the documented routes over a real runtime, on a Unix socket.
#pragma once

#include "messages/json.hpp"
#include "net/execution/execution_server.hpp"
#include "net/http/server.hpp"
#include "runtime/runtime_access.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gestvenv/runtime.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::test {

class small_node final : public http::handler {
public:
    small_node();
    ~small_node() override;

    std::string socket() const { return (folder_.path() / "node.sock").string(); }
    /// On the loopback, without TLS.
    std::uint16_t port() const noexcept { return port_; }
    const temporary_folder& folder() const noexcept { return folder_; }
    runtime& machine() noexcept { return machine_; }
    /// False where no environment of that name ends in time.
    bool wait_for_end_of(const std::string& name);
    /// From now on everything is answered with this.
    void answer_all_with(http::response what);
    /// Ends the server, as a node that is killed.
    void stop();
    /// Requests that came so far, as `METHOD target`.
    std::vector<std::string> asked() const;
    /// The last body that came.
    nlohmann::json last_body() const;

    bool admits(const http::peer&) override { return true; }
    std::variant<http::body_rule, http::response> begins(const http::request&) override {
        return http::body_rule{64 << 20, false};
    }
    void handle(std::shared_ptr<http::exchange> what) override;
    http::response refusal(int status, std::string_view what) override;

private:
    using exchange = std::shared_ptr<http::exchange>;

    void handle_environment(const exchange& what, const std::string& environment, const std::string& action);
    void execute(const exchange& what, const std::string& environment);
    void create(const exchange& what);
    void list(const exchange& what);

    void note_end(const std::string& name);

    temporary_folder folder_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> ended_;
    runtime machine_;
    std::shared_ptr<environment_host> host_;
    std::unique_ptr<execution::execution_server> commands_;
    std::vector<std::string> asked_;
    std::string last_body_;
    std::unique_ptr<http::response> fixed_;
    std::uint16_t port_ = 0;
    std::unique_ptr<http::server> server_;
};

} // namespace gestvenv::test
