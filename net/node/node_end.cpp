// SPDX-License-Identifier: MIT
// The end of a node.
#include "net/node/running_node.hpp"

#include "messages/fault_point.hpp"
#include "net/node/service_manager.hpp"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::chrono::milliseconds drain_patience{2'000};

} // namespace

outcome<void> running_node::end() {
    if (!is_part_of_process())
        if (auto told = notify_service_manager("STOPPING=1"); !told)
            say(render(told.error()));
    fault_point("node: is about to end");
    leave();
    fault_point("node: has removed its record and its socket");
    const auto receipts = take_down();
    lock_.reset();
    fault_point("node: has taken everything down");
    std::string left;
    for (const auto& receipt : receipts)
        for (const auto& one : receipt.residue)
            left += fmt::format("{}{} {} of environment {}: {}", left.empty() ? "" : "; ", one.kind, one.name,
                                receipt.environment_name, one.why);
    if (!left.empty())
        return failure(error_code::cleanup_incomplete, left, "the next start goes on with it");
    say("the node has ended, and nothing is left of its environments");
    return {};
}

/// Clients that come now start another one, which waits for the lock.
void running_node::leave() noexcept {
    if (lock_)
        place_->remove();
    if (std::exchange(own_socket_, false))
        remove_socket(record_.socket, options_.socket.empty() || is_part_of_process());
}

std::vector<teardown_receipt> running_node::take_down() {
    if (!services_.runtime || std::exchange(is_taken_down_, true))
        return {};
    // Environments end while their clients still hear of it.
    auto receipts = services_.runtime->shut_down();
    if (std::exchange(serves_, false)) {
        auto drained = std::make_shared<std::promise<void>>();
        auto is_drained = drained->get_future();
        server_->drain(drain_patience, [drained] { drained->set_value(); });
        is_drained.wait_for(2 * drain_patience);
        leave_runtime();
    }
    {
        std::scoped_lock lock{owners_};
        heeds_owners_ = false;
    }
    services_.commands.reset();
    // Environments whose end was tried again are forgotten until here, by their owners' watch as well.
    services_.runtime->close();
    services_.clients.reset();
    server_.reset();
    return receipts;
}

// A request that is still open may ask something at any time, and the runtime's actors go with its end.
void running_node::leave_runtime() {
    auto left = std::make_shared<std::promise<void>>();
    auto has_left = left->get_future();
    server_->post([this, left] {
        services_.runtime_closes = true;
        left->set_value();
    });
    if (has_left.wait_for(answer_limit) != std::future_status::ready)
        say("the server's thread does not answer, and the runtime ends beside it");
}

} // namespace gestvenv
