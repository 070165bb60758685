// SPDX-License-Identifier: MIT
// The node's interface as a handler of its server: who asks, whether that one may, which route it is.
#pragma once

#include "net/http/server.hpp"
#include "net/node/node_services.hpp"
#include "net/rest/idempotency.hpp"
#include "net/rest/router.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace gestvenv::rest {

class api final : public http::handler {
public:
    explicit api(node_services& node);

    bool admits(const http::peer& from) override;
    std::variant<http::body_rule, http::response> begins(const http::request& head) override;
    void handle(std::shared_ptr<http::exchange> what) override;
    http::response refusal(int status, std::string_view what) override;

    const rest::router& routes() const noexcept { return router_; }

private:
    struct admitted {
        const route* to = nullptr;
        path_parameters parameters;
        principal who;
    };
    /// The route and the principal, or the answer that refuses.
    std::variant<admitted, http::response> admit(const http::request& head) const;
    outcome<principal> principal_of(const http::request& head) const;
    std::optional<http::response> check_origin(const http::request& head) const;
    /// Whose trace it belongs to.
    void trace(call& what) const;

    node_services& node_;
    rest::router router_;
    idempotency keys_;
};

} // namespace gestvenv::rest
