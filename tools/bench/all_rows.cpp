// SPDX-License-Identifier: MIT
#include "tools/bench/row.hpp"
#include "tools/bench/rows/measures.hpp"

namespace gestvenv::bench {

const std::vector<row>& all_rows() {
    static const std::vector<row> rows{
        {"ready", "an environment ready, from the embedded API, on tmpfs", 100, measure_ready, 50},
        {"destroy", "an unused environment destroyed, with its receipt", 200, measure_destroy, 50},
        {"first-command", "the first command in an environment, /bin/true", 100, measure_first_command, 50},
        {"later-command", "a later command in an environment, /bin/true", 300, measure_later_command, 100},
        {"python", "python -c pass", 100, measure_python},
        {"at-once", "eight commands at once, each of 100 ms of CPU", 10, measure_at_once},
        {"install", "requests, flask and pytest installed, all in uv's cache", 10, measure_install},
        {"destroy-files", "an environment with 1,500 files destroyed", 30, measure_destroy_files},
        {"destroy-processes", "an environment with 20 processes destroyed", 30, measure_destroy_processes},
        {"thousand", "a thousand living environments", 1, measure_thousand},
        {"sampling", "a thousand environments measured once", 5, measure_sampling},
        {"killed", "a program with a hundred environments is killed", 3, measure_killed},
        {"all-killed", "the same, and its launcher and keepers with it", 3, measure_all_killed},
        {"end-of-thousand", "a thousand environments are ended together", 1, measure_end_of_thousand},
        {"journal", "what the journal costs a creation", 1000, measure_journal},
        {"rate-1", "environments created and destroyed, from 1 thread", 10, measure_rate_from_one},
        {"rate-8", "environments created and destroyed, from 8 threads", 10, measure_rate_from_eight},
        {"runtime", "a runtime started and ended, with nothing in it", 50, measure_runtime, 50},
        {"run-true", "the whole of `gestvenv run -- true`", 100, measure_command_line, 40},
        {"run-python", "the whole of `gestvenv run -- python -c pass`", 100, measure_command_line_python, 40},
        {"run-true-busy", "the same as run-true, every core busy", 50, measure_command_line_busy, 20},
        {"run-python-busy", "the same as run-python, every core busy", 50, measure_command_line_python_busy,
         20},
        {"node-create", "an environment made by a node, one client over REST", 200, measure_node_creation,
         50},
        {"node-rate", "environments made and ended by a node, 32 clients in closed loop", 30,
         measure_node_rate},
        {"node-open-loop", "32 clients together 300 creations a second", 60, measure_node_open_loop},
        {"node-command", "a command in an environment of a node, over REST", 200, measure_node_first_byte,
         50},
        {"node-programs", "whole programs that use a node", 100, measure_node_whole_programs, 30},
        {"console", "the console, from its start to its prompt, with a node that runs", 100,
         measure_console_ready, 30},
        {"console-completion", "a name completed, with a thousand environments", 50,
         measure_console_completion, 20},
        {"node-idle", "an idle node with a hundred environments", 1, measure_node_idle},
        {"scrape", "the metrics of a node with a thousand environments", 50, measure_scrape},
        {"observed", "an environment made by a node with log and traces on", 400, measure_observed_creation},
    };
    return rows;
}

} // namespace gestvenv::bench
