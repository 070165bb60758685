// SPDX-License-Identifier: MIT
#include "net/terminal/terminal_control.hpp"

#include "messages/json.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <csignal>
#include <string>
#include <utility>

namespace gestvenv::terminal {

namespace {

constexpr std::array<std::pair<std::string_view, int>, 10> signals{{
    {"INT", SIGINT},
    {"QUIT", SIGQUIT},
    {"TERM", SIGTERM},
    {"HUP", SIGHUP},
    {"KILL", SIGKILL},
    {"TSTP", SIGTSTP},
    {"STOP", SIGSTOP},
    {"CONT", SIGCONT},
    {"USR1", SIGUSR1},
    {"USR2", SIGUSR2},
}};
// Programs are stopped by these, too, but nothing sends them.
constexpr std::array<std::pair<std::string_view, int>, 2> further_stops{
    {{"TTIN", SIGTTIN}, {"TTOU", SIGTTOU}}};

tl::unexpected<error> refused(std::string message) {
    return failure(error_code::invalid_argument, std::move(message),
                   R"(send {"resize": {"columns": 80, "rows": 24}} or {"signal": "INT"})");
}

bool is_size(const nlohmann::json& value) {
    return value.is_number_integer() && value >= 1 && value <= most_columns;
}

outcome<control> resize_of(const nlohmann::json& value) {
    if (!value.is_object() || value.size() != 2 || !value.contains("columns") || !value.contains("rows") ||
        !is_size(value["columns"]) || !is_size(value["rows"]))
        return refused("`resize` needs `columns` and `rows`, each 1 to " + std::to_string(most_columns));
    return window_size{value["columns"].get<std::uint16_t>(), value["rows"].get<std::uint16_t>()};
}

outcome<control> signal_of(const nlohmann::json& value) {
    std::string known;
    for (const auto& [name, number] : signals) {
        if (value.is_string() && value.get_ref<const std::string&>() == name)
            return terminal_signal{number};
        known.append(known.empty() ? "" : ", ").append(name);
    }
    return refused("`signal` must be one of " + known);
}

} // namespace

outcome<control> parse_control(std::string_view text) {
    auto document = parse_json(text);
    if (!document)
        return failure(std::move(document).error());
    if (document->is_object() && document->size() == 1) {
        if (document->contains("resize"))
            return resize_of((*document)["resize"]);
        if (document->contains("signal"))
            return signal_of((*document)["signal"]);
    }
    return refused("a text message must be one control");
}

std::string_view signal_name(int number) noexcept {
    for (const auto& [name, value] : signals)
        if (value == number)
            return name;
    for (const auto& [name, value] : further_stops)
        if (value == number)
            return name;
    return {};
}

} // namespace gestvenv::terminal
