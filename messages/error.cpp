// SPDX-License-Identifier: MIT
#include <gestvenv/error.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(error_code code) noexcept {
    switch (code) { // no default: a missing code is a compiler warning
    case error_code::invalid_argument:
        return "invalid_argument";
    case error_code::environment_not_found:
        return "environment_not_found";
    case error_code::name_in_use:
        return "name_in_use";
    case error_code::resources_exhausted:
        return "resources_exhausted";
    case error_code::creation_failed:
        return "creation_failed";
    case error_code::interpreter_not_found:
        return "interpreter_not_found";
    case error_code::backend_not_found:
        return "backend_not_found";
    case error_code::install_failed:
        return "install_failed";
    case error_code::command_not_found:
        return "command_not_found";
    case error_code::command_not_executable:
        return "command_not_executable";
    case error_code::command_timed_out:
        return "command_timed_out";
    case error_code::storage_full:
        return "storage_full";
    case error_code::permission_denied:
        return "permission_denied";
    case error_code::isolation_unavailable:
        return "isolation_unavailable";
    case error_code::illegal_transition:
        return "illegal_transition";
    case error_code::environment_busy:
        return "environment_busy";
    case error_code::environment_gone:
        return "environment_gone";
    case error_code::cleanup_incomplete:
        return "cleanup_incomplete";
    case error_code::launcher_crashed:
        return "launcher_crashed";
    case error_code::launcher_unavailable:
        return "launcher_unavailable";
    case error_code::actor_crashed:
        return "actor_crashed";
    case error_code::journal_failed:
        return "journal_failed";
    case error_code::shutting_down:
        return "shutting_down";
    case error_code::deadline_exceeded:
        return "deadline_exceeded";
    case error_code::system_failure:
        return "system_failure";
    case error_code::cancelled:
        return "cancelled";
    case error_code::node_unreachable:
        return "node_unreachable";
    case error_code::not_authenticated:
        return "not_authenticated";
    case error_code::not_found:
        return "not_found";
    case error_code::request_conflict:
        return "request_conflict";
    }
    return {};
}

} // namespace

std::string_view to_string(error_code code) noexcept {
    return spelling(code);
}

bool from_string(std::string_view text, error_code& code) noexcept {
    return find_spelling(text, code, [](error_code candidate) { return spelling(candidate); });
}

std::string render(const error& value) {
    std::string text = "error: " + value.message;
    if (!value.hint.empty())
        text += "\n\nhint: " + value.hint;
    return text;
}

} // namespace gestvenv
