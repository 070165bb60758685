// SPDX-License-Identifier: MIT
// What each of several environments uses, with what it takes to list it.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::rest {

/// As in `usage_sample`; 0 before the first sampling.
struct environment_usage {
    std::string id;
    std::string name;
    environment_status status = environment_status::pending;
    std::chrono::system_clock::time_point created_at;
    double cpu_percent = 0;
    std::int64_t memory_bytes = 0;
    std::optional<std::int64_t> memory_limit_bytes;
    std::int64_t disk_bytes = 0;
    std::int64_t processes = 0;

    friend bool operator==(const environment_usage&, const environment_usage&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, environment_usage& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("name", x.name), f.field("status", x.status),
                              f.field("created_at", x.created_at), f.field("cpu_percent", x.cpu_percent),
                              f.field("memory_bytes", x.memory_bytes),
                              f.field("memory_limit_bytes", x.memory_limit_bytes),
                              f.field("disk_bytes", x.disk_bytes), f.field("processes", x.processes));
}

/// The same of many, column by column: all lists are of one length, and have an environment at the same place. Who asks
/// each second for a thousand of them saves most of what an object for each would cost both sides.
struct usage_columns {
    std::vector<std::string> id;
    std::vector<std::string> name;
    std::vector<environment_status> status;
    std::vector<std::chrono::system_clock::time_point> created_at;
    std::vector<double> cpu_percent;
    std::vector<std::int64_t> memory_bytes;
    /// -1: memory is not limited.
    std::vector<std::int64_t> memory_limit_bytes;
    std::vector<std::int64_t> disk_bytes;
    std::vector<std::int64_t> processes;

    void add(environment_usage one) {
        id.push_back(std::move(one.id));
        name.push_back(std::move(one.name));
        status.push_back(one.status);
        created_at.push_back(one.created_at);
        cpu_percent.push_back(one.cpu_percent);
        memory_bytes.push_back(one.memory_bytes);
        memory_limit_bytes.push_back(one.memory_limit_bytes.value_or(-1));
        disk_bytes.push_back(one.disk_bytes);
        processes.push_back(one.processes);
    }
    /// Nothing where the lists are of different lengths.
    std::optional<std::vector<environment_usage>> rows() && {
        const auto count = id.size();
        for (auto length :
             {name.size(), status.size(), created_at.size(), cpu_percent.size(), memory_bytes.size(),
              memory_limit_bytes.size(), disk_bytes.size(), processes.size()})
            if (length != count)
                return std::nullopt;
        std::vector<environment_usage> all(count);
        for (std::size_t place = 0; place < count; ++place) {
            auto& one = all[place];
            one = {std::move(id[place]), std::move(name[place]), status[place],
                   created_at[place],    cpu_percent[place],     memory_bytes[place],
                   std::nullopt,         disk_bytes[place],      processes[place]};
            if (memory_limit_bytes[place] >= 0)
                one.memory_limit_bytes = memory_limit_bytes[place];
        }
        return all;
    }

    friend bool operator==(const usage_columns&, const usage_columns&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, usage_columns& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("name", x.name), f.field("status", x.status),
                              f.field("created_at", x.created_at), f.field("cpu_percent", x.cpu_percent),
                              f.field("memory_bytes", x.memory_bytes),
                              f.field("memory_limit_bytes", x.memory_limit_bytes),
                              f.field("disk_bytes", x.disk_bytes), f.field("processes", x.processes));
}

} // namespace gestvenv::rest
