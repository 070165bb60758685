// SPDX-License-Identifier: MIT
// How each row is measured; one file per subject.
#pragma once

#include "tools/bench/row.hpp"

namespace gestvenv::bench {

void measure_ready(const context& shared, int runs, row_result& result);
void measure_destroy(const context& shared, int runs, row_result& result);
void measure_first_command(const context& shared, int runs, row_result& result);
void measure_later_command(const context& shared, int runs, row_result& result);
void measure_python(const context& shared, int runs, row_result& result);
void measure_at_once(const context& shared, int runs, row_result& result);
void measure_install(const context& shared, int runs, row_result& result);
void measure_destroy_files(const context& shared, int runs, row_result& result);
void measure_destroy_processes(const context& shared, int runs, row_result& result);
void measure_thousand(const context& shared, int runs, row_result& result);
void measure_sampling(const context& shared, int runs, row_result& result);
void measure_killed(const context& shared, int runs, row_result& result);
void measure_all_killed(const context& shared, int runs, row_result& result);
void measure_end_of_thousand(const context& shared, int runs, row_result& result);
void measure_journal(const context& shared, int runs, row_result& result);
void measure_rate_from_one(const context& shared, int runs, row_result& result);
void measure_rate_from_eight(const context& shared, int runs, row_result& result);
void measure_runtime(const context& shared, int runs, row_result& result);
void measure_command_line(const context& shared, int runs, row_result& result);
void measure_command_line_python(const context& shared, int runs, row_result& result);
/// With something else to do for every core.
void measure_command_line_busy(const context& shared, int runs, row_result& result);
void measure_command_line_python_busy(const context& shared, int runs, row_result& result);
/// A node of its own for each.
void measure_node_creation(const context& shared, int runs, row_result& result);
void measure_node_rate(const context& shared, int runs, row_result& result);
void measure_node_open_loop(const context& shared, int runs, row_result& result);
void measure_node_first_byte(const context& shared, int runs, row_result& result);
void measure_node_whole_programs(const context& shared, int runs, row_result& result);
void measure_console_ready(const context& shared, int runs, row_result& result);
void measure_console_completion(const context& shared, int runs, row_result& result);
void measure_node_idle(const context& shared, int runs, row_result& result);
void measure_scrape(const context& shared, int runs, row_result& result);
void measure_observed_creation(const context& shared, int runs, row_result& result);

} // namespace gestvenv::bench
