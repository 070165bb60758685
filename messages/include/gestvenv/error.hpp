// SPDX-License-Identifier: MIT
// All errors, as values. Inside the library an error is a value (see messages/outcome.hpp); only the public
// interface turns it into an exception (see exceptions.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// The kind of an error: one code per case that callers may want to distinguish. The numbers are part of the
/// wire format: append only.
enum class error_code : std::uint8_t {
    /// An argument, option, name or value is not acceptable; nothing was started.
    invalid_argument = 1,
    /// No living environment has this id, id prefix or name.
    environment_not_found,
    /// A living environment already has this name.
    name_in_use,
    /// A global limit (environments, memory, disk) leaves no room for the request.
    resources_exhausted,
    /// The environment could not be made.
    creation_failed,
    /// No installed interpreter fits the requested version.
    interpreter_not_found,
    /// The requested package backend is not installed.
    backend_not_found,
    /// The backend ran and could not install the requested packages.
    install_failed,
    /// The program named by a command does not exist (exit status 127).
    command_not_found,
    /// The program named by a command exists and cannot be executed (exit status 126).
    command_not_executable,
    /// The command outlived its timeout and was killed with all its descendants.
    command_timed_out,
    /// The environment's storage, or the disk beneath it, is full.
    storage_full,
    /// The operating system refused an operation for lack of permission.
    permission_denied,
    /// The requested isolation level, security mode or limit is not available on this machine or in this
    /// version.
    isolation_unavailable,
    /// The environment's state does not allow the operation.
    illegal_transition,
    /// The environment has running commands and `force` was not given.
    environment_busy,
    /// The environment ended while the operation was under way.
    environment_gone,
    /// Teardown left something behind; the receipt names it.
    cleanup_incomplete,
    /// The launcher ended unexpectedly, and its environments with it.
    launcher_crashed,
    /// The launcher could not be started, or is of another version.
    launcher_unavailable,
    /// An actor ended by an error in GestVenv.
    actor_crashed,
    /// The journal could not be read or written.
    journal_failed,
    /// The runtime is shutting down and takes no new work.
    shutting_down,
    /// An internal wait reached its deadline.
    deadline_exceeded,
    /// A system call failed in a way that no other code describes.
    system_failure,
    /// The caller cancelled the request.
    cancelled,
    /// There is no node, or it does not answer.
    node_unreachable,
    /// A node wants to know who asks, or does not know this token.
    not_authenticated,
    /// A node has no operation, or no other thing, of this name.
    not_found,
    /// An idempotency key was used before, for another request.
    request_conflict,
};

/// The code's spelling in JSON, logs and events, e.g. `"install_failed"`; empty for an unknown number.
/// Thread-safe.
std::string_view to_string(error_code code) noexcept;
/// Sets `code` and returns true, or leaves it unchanged and returns false.
bool from_string(std::string_view text, error_code& code) noexcept;

/// An error: its kind, the environment, the cause, and a possible remedy. Contains no secrets.
struct error {
    error_code code = error_code::system_failure;
    /// The event and its cause: one sentence without a final full stop, starting in lower case.
    std::string message;
    /// Name of the environment concerned, or its id if it has no name; empty if no environment is concerned.
    std::string environment;
    /// A possible remedy; empty if none is known.
    std::string hint;

    friend bool operator==(const error&, const error&) = default;
};

/// The text `error: <message>`, followed, if there is a hint, by a blank line and `hint: <hint>`; no final
/// newline. Thread-safe.
std::string render(const error& value);

} // namespace gestvenv
