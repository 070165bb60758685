// SPDX-License-Identifier: MIT
#include "net/observability/metrics.hpp"
#include "net/observability/node_log.hpp"

namespace gestvenv {

namespace {

tl::unexpected<error> other_program() {
    return failure(error_code::node_unreachable, "this program cannot be a node", "start gestvenv-node");
}

} // namespace

outcome<std::unique_ptr<metrics>> make_metrics() {
    return other_program();
}

outcome<std::unique_ptr<node_log>> open_node_log(const log_settings& /*settings*/) {
    return other_program();
}

} // namespace gestvenv
