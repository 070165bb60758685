// SPDX-License-Identifier: MIT
// What the journal costs: the calls of one creation, with records like the real ones, where state folders
// lie.
#include "system/journal/journal.hpp"
#include "messages/json.hpp"
#include "system/journal/resource_kinds.hpp"
#include "system/journal/state_folder.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"

#include <gestvenv/environment_info.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <span>
#include <stdexcept>

namespace gestvenv::bench {

void measure_journal(const context&, int runs, row_result& result) {
    const char* home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe): read only
    auto folder = state_folder::create(default_state_root(home == nullptr ? "/" : home));
    if (!folder)
        throw std::runtime_error{folder.error().message};
    {
        auto records = journal::open(folder->path());
        if (!records)
            throw std::runtime_error{records.error().message};
        environment_info info;
        info.id = "00000000-0000-4000-8000-000000000000";
        info.name = "benchmark";
        const auto storage = to_record(resources::detached_storage{info.name, 1});
        int number = 0;
        auto note = [&] {
            info.id.replace(0, 8, fmt::format("{:08x}", ++number));
            auto intents = records->intend(info.id, std::span{&storage, 1});
            if (!intents || !records->environment_started(info.id, to_json_value(info)))
                throw std::runtime_error{"the journal does not take a creation"};
        };
        result.contestants = in_turn({{.name = "the intent written, the environment noted",
                                       .ours = true,
                                       .target = "at most 0.1 ms",
                                       .measured = note}},
                                     runs);
    }
    if (auto removed = folder->remove(); !removed)
        throw std::runtime_error{removed.error().message};
}

} // namespace gestvenv::bench
