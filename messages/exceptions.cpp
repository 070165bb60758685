// SPDX-License-Identifier: MIT
#include <gestvenv/exceptions.hpp>

namespace gestvenv {

namespace {

std::string what_of(const error& value) {
    return value.hint.empty() ? value.message : value.message + " (" + value.hint + ")";
}

} // namespace

ephemeral_exception::ephemeral_exception(error value)
    : std::runtime_error(what_of(value)), details_(std::move(value)) {}

cleanup_exception::cleanup_exception(error value, teardown_receipt receipt)
    : ephemeral_exception(std::move(value)), receipt_(std::move(receipt)) {}

command_timeout_exception::command_timeout_exception(error value, operation_result result)
    : ephemeral_exception(std::move(value)), result_(std::move(result)) {}

void throw_as_exception(const error& value) {
    switch (value.code) {
    case error_code::invalid_argument:
    case error_code::name_in_use:
        throw invalid_argument_exception(value);
    case error_code::environment_not_found:
        throw environment_not_found_exception(value);
    case error_code::resources_exhausted:
        throw resource_exhausted_exception(value);
    case error_code::creation_failed:
    case error_code::interpreter_not_found:
    case error_code::backend_not_found:
        throw environment_creation_exception(value);
    case error_code::install_failed:
        throw install_exception(value);
    case error_code::command_not_found:
    case error_code::command_not_executable:
        throw execution_exception(value);
    case error_code::command_timed_out:
        throw command_timeout_exception(value, {});
    case error_code::isolation_unavailable:
        throw isolation_exception(value);
    case error_code::environment_busy:
    case error_code::cleanup_incomplete:
        throw cleanup_exception(value, {});
    default:
        throw ephemeral_exception(value);
    }
}

} // namespace gestvenv
