#include "tools/bench/row.hpp"
#include "tools/bench/rows/measures.hpp"

namespace gestvenv::bench {

const std::vector<row>& all_rows() {
    static const std::vector<row> rows{
        {"ready", "an environment ready, from the embedded API, on tmpfs", 100, measure_ready},
        {"destroy", "an unused environment destroyed, with its receipt", 200, measure_destroy},
        {"first-command", "the first command in an environment, /bin/true", 100, measure_first_command},
        {"later-command", "a later command in an environment, /bin/true", 300, measure_later_command},
        {"python", "python -c pass", 100, measure_python},
        {"rate-1", "environments created and destroyed, from 1 thread", 10, measure_rate_from_one},
        {"rate-8", "environments created and destroyed, from 8 threads", 10, measure_rate_from_eight},
        {"runtime", "a runtime started and ended, with nothing in it", 50, measure_runtime},
        {"command-line", "the whole of `gestvenv run -- true`", 50, measure_command_line},
    };
    return rows;
}

} // namespace gestvenv::bench
