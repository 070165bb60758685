// SPDX-License-Identifier: MIT
// A node for the rows that measure its clients.
#pragma once

#include "net/http/client.hpp"
#include "net/node/node_place.hpp"
#include "net/node/node_start.hpp"
#include "tools/bench/row.hpp"
#include "tools/bench/scratch_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <sys/wait.h>
#include <utility>

namespace gestvenv::bench {

inline constexpr const char* wide_limits = "max_concurrent = 5000\nmax_total_memory_mb = 1000000\n";

/// A node with folders of its own; ends with this object.
class measured_node {
public:
    measured_node(const context& shared, const std::string& limits) : folder_(shared.scratch) {
        const auto& root = folder_.path();
        std::filesystem::create_directory(root / "run");
        std::filesystem::permissions(root / "run", std::filesystem::perms::owner_all);
        std::ofstream{root / "config.toml"} << "[ephemeral]\n" << limits;
        ::setenv("XDG_RUNTIME_DIR", (root / "run").c_str(), 1);
        ::setenv("XDG_STATE_HOME", (root / "state").c_str(), 1);
        node_start_options options;
        options.program = shared.command_line->parent_path() / "gestvenv-node";
        options.arguments = {"--config", (root / "config.toml").string(), "--idle-end", "unlimited"};
        auto started = start_node(node_place{root / "state" / "gestvenv"}, options);
        if (!started)
            throw std::runtime_error{started.error().message};
        record_ = started->record;
    }
    measured_node(const measured_node&) = delete;
    measured_node& operator=(const measured_node&) = delete;
    ~measured_node() {
        ::kill(record_.pid, SIGTERM);
        ::waitpid(record_.pid, nullptr, 0); // start_node() has made it a child of this process
    }

    http::client connect() const {
        auto made = http::client::connect({.socket = record_.socket}, {});
        if (!made)
            throw std::runtime_error{made.error().message};
        return std::move(*made);
    }
    pid_t pid() const noexcept { return record_.pid; }

private:
    scratch_folder folder_;
    node_record record_;
};

} // namespace gestvenv::bench
