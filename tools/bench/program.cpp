// SPDX-License-Identifier: MIT
#include "tools/bench/program.hpp"

#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"
#include "tools/bench/interruption.hpp"
#include "tools/bench/json_report.hpp"
#include "tools/bench/machine_facts.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/row.hpp"
#include "tools/bench/scratch_folder.hpp"
#include "tools/bench/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace gestvenv::bench {

namespace {

constexpr const char* memory_folder = "/dev/shm";

void complain(std::string_view message, std::string_view hint) {
    fmt::print(stderr, "error: {}\n", message);
    if (!hint.empty())
        fmt::print(stderr, "\nhint: {}\n", hint);
}

context find_context(const options& wanted, const std::filesystem::path& scratch) {
    context shared;
    auto search = python::search_context_from_process();
    shared.python = wanted.python.value_or(search.system_python);
    if (auto uv = python::find_tool(python::find_tools_folder(search), "uv"))
        shared.uv = *uv;
    else
        shared.uv_problem = uv.error().message;
    auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gestvenv";
    if (std::filesystem::exists(beside))
        shared.command_line = beside;
    shared.scratch = scratch;
    return shared;
}

row_result run_row(const row& item, const context& shared, int runs) {
    row_result result;
    result.name = item.name;
    result.title = item.title;
    result.load = load_average();
    try {
        item.measure(shared, runs, result);
    } catch (const interrupted&) {
        throw;
    } catch (const std::exception& problem) {
        result.problem = problem.what();
    }
    // Every row finds it empty, however the one before ended.
    for (const auto& left : std::filesystem::directory_iterator{shared.scratch})
        std::filesystem::remove_all(left.path());
    return result;
}

// The file of `--json`, opened before minutes are spent on what could not be written.
class json_file {
public:
    explicit json_file(const std::optional<std::filesystem::path>& path) {
        if (!path)
            return;
        name_ = path->string();
        stream_.emplace(*path);
        check();
    }

    void write(const nlohmann::json& report) {
        if (!stream_)
            return;
        *stream_ << report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n'
                 << std::flush;
        check();
    }

private:
    void check() const {
        if (!*stream_)
            throw std::runtime_error{fmt::format("cannot write {}", name_)};
    }

    std::string name_;
    std::optional<std::ofstream> stream_;
};

int measure_all(const options& wanted) {
    note_interruptions();
    json_file report{wanted.json};
    scratch_folder scratch{memory_folder};
    auto shared = find_context(wanted, scratch.path());
    auto facts = machine_facts(shared);
    for (const auto& [name, value] : facts)
        fmt::print("{:<13} {}\n", name, value);
    bool complete = true;
    std::vector<row_result> results;
    for (const auto& item : all_rows()) {
        if (!wanted.rows.empty() &&
            std::find(wanted.rows.begin(), wanted.rows.end(), item.name) == wanted.rows.end())
            continue;
        if (wanted.quick && item.quick_runs == 0)
            continue;
        results.push_back(
            run_row(item, shared, wanted.runs.value_or(wanted.quick ? item.quick_runs : item.runs)));
        complete = complete && results.back().problem.empty();
        fmt::print("\n{}", table(results.back()));
        std::fflush(stdout); // a row takes a while, and a person may read on meanwhile
    }
    report.write(to_json(facts, results));
    return complete ? 0 : 1;
}

} // namespace

int run_program(std::span<const std::string> words) noexcept try {
    std::vector<std::string> known;
    for (const auto& item : all_rows())
        known.push_back(item.name);
    auto wanted = read_options(words, known);
    if (!wanted) {
        complain(wanted.error().message, wanted.error().hint);
        return 2;
    }
    if (wanted->help) {
        fmt::print("{}", help_text());
        return 0;
    }
    if (wanted->list) {
        for (const auto& item : all_rows())
            fmt::print("{:<17} {}\n", item.name, item.title);
        return 0;
    }
    return measure_all(*wanted);
} catch (const std::exception& problem) {
    complain(problem.what(), {});
    return 1;
}

} // namespace gestvenv::bench
