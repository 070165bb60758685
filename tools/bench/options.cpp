// SPDX-License-Identifier: MIT
#include "tools/bench/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <system_error>

namespace gestvenv::bench {

namespace {

constexpr int most_runs = 100000;

tl::unexpected<error> refused(std::string message, std::string hint = "gestvenv-bench --help") {
    return failure(error_code::invalid_argument, std::move(message), std::move(hint));
}

outcome<int> read_runs(const std::string& text) {
    int value = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value < 1 || value > most_runs)
        return refused(fmt::format("--runs takes a number from 1 to {}", most_runs));
    return value;
}

} // namespace

outcome<options> read_options(std::span<const std::string> words, std::span<const std::string> known) {
    options result;
    using reader = std::function<outcome<void>(const std::string&)>;
    const std::map<std::string, reader> with_value{
        {"--row",
         [&](const std::string& value) -> outcome<void> {
             if (std::find(known.begin(), known.end(), value) == known.end())
                 return refused(fmt::format("there is no row '{}'", value),
                                fmt::format("there are {}", fmt::join(known, ", ")));
             result.rows.push_back(value);
             return {};
         }},
        {"--runs",
         [&](const std::string& value) -> outcome<void> {
             auto number = read_runs(value);
             if (!number)
                 return failure(number.error());
             result.runs = *number;
             return {};
         }},
        {"--json",
         [&](const std::string& value) -> outcome<void> {
             result.json = value;
             return {};
         }},
        {"--python",
         [&](const std::string& value) -> outcome<void> {
             result.python = std::filesystem::absolute(value);
             return {};
         }},
    };
    for (std::size_t index = 0; index < words.size(); ++index) {
        const auto& word = words[index];
        if (word == "--help" || word == "-h") {
            result.help = true;
        } else if (word == "--list") {
            result.list = true;
        } else if (word == "--quick") {
            result.quick = true;
        } else if (auto found = with_value.find(word); found != with_value.end()) {
            if (++index == words.size() || words[index].empty())
                return refused(word + " needs a value");
            if (auto read = found->second(words[index]); !read)
                return failure(read.error());
        } else {
            return refused(fmt::format("unknown word '{}'", word));
        }
    }
    if (result.quick && !result.rows.empty())
        return refused("--quick chooses the rows itself, and --row chooses others");
    return result;
}

std::string help_text() {
    return R"(usage: gestvenv-bench [--quick | --row NAME...] [--runs N] [--json FILE] [--python PATH]
       gestvenv-bench --list

Measures environments of GestVenv and what others offer in their place, in turn in one run, and prints for
each how often it was measured, the minimum, the 50th and the 99th percentile, and how they compare. Where a
target is set it stands beside the figure; whether it is met is yours to say.

  --list         name the rows and end
  --quick        the rows that say most, measured less often: about a minute
  --row NAME     only this row; may be given several times
  --runs N       measure each contestant N times instead of the row's own number (for rates: N batches)
  --json FILE    write all figures to FILE as well, in seconds
  --python PATH  the interpreter of both sides (the system's python3)

Exit status: 0 when everything could be measured, 1 when something failed to run, 2 for a bad command line.
)";
}

} // namespace gestvenv::bench
