// SPDX-License-Identifier: MIT
// A node for rows of the benchmark, and its client.
#pragma once

#include "net/http/client.hpp"
#include "net/node/node_place.hpp"
#include "tools/bench/row.hpp"
#include "tools/bench/scratch_folder.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::bench {

inline constexpr const char* environments = "/api/v1/ephemeral/environments";
inline constexpr const char* wide_limits = "max_concurrent = 5000\nmax_total_memory_mb = 1000000\n";

/// A node with folders of its own; ends with this object.
class measured_node {
public:
    /// `limits`: the table [ephemeral] of its configuration.
    measured_node(const context& shared, const std::string& limits, std::vector<std::string> options = {});
    measured_node(const measured_node&) = delete;
    measured_node& operator=(const measured_node&) = delete;
    ~measured_node();

    http::client connect() const;
    pid_t pid() const noexcept { return record_.pid; }

private:
    scratch_folder folder_;
    node_record record_;
};

/// Throws for an answer that is an error.
http::response ask(http::client& client, const char* method, std::string target,
                   const nlohmann::json& body = {});

/// With the shared interpreter; returns its id.
std::string create(http::client& client, const context& shared);
void destroy(http::client& client, const std::string& id);

} // namespace gestvenv::bench
