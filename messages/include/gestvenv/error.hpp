// SPDX-License-Identifier: MIT
// Every error this program can report, as a value. Inside the program an error travels as a value
// (see messages/outcome.hpp); only the public face turns it into an exception (see exceptions.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// What went wrong, one code per thing a caller may want to tell apart. Codes are part of the wire format:
/// append only.
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
    /// No installed interpreter fits the version asked for.
    interpreter_not_found,
    /// The package backend asked for is not installed.
    backend_not_found,
    /// The backend ran and could not install what was asked.
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
    /// The isolation level or security mode asked for cannot be had.
    isolation_unavailable,
    /// The environment's state does not allow the operation.
    illegal_transition,
    /// The environment has running commands and `force` was not given.
    environment_busy,
    /// The environment ended while the operation was under way.
    environment_gone,
    /// Teardown left something behind; the receipt names it.
    cleanup_incomplete,
    /// The launcher ended unexpectedly; its environments are gone with it.
    launcher_crashed,
    /// The launcher could not be started, or is of another version.
    launcher_unavailable,
    /// An actor died of an error of ours.
    actor_crashed,
    /// The journal could not be read or written.
    journal_failed,
    /// The runtime is shutting down and takes no new work.
    shutting_down,
    /// An internal wait met its deadline.
    deadline_exceeded,
    /// A system call failed in a way none of the codes above describes.
    system_failure,
    /// The caller took the request back.
    cancelled,
};

/// The code's spelling in JSON, logs and events, e.g. `"install_failed"`.
std::string_view to_string(error_code code) noexcept;
bool from_string(std::string_view text, error_code& code) noexcept;

/// What happened, to which environment, why, and what to do about it. Carries no secrets.
struct error {
    error_code code = error_code::system_failure;
    /// What happened and why, one sentence without a final full stop, starting in lower case.
    std::string message;
    /// Name (or id where there is none) of the environment concerned; empty when none is.
    std::string environment;
    /// What the reader can do, empty when nothing is known to help.
    std::string hint;

    friend bool operator==(const error&, const error&) = default;
};

/// `error: <message>` and, where there is one, a blank line and `hint: <hint>`; no final newline.
std::string render(const error& value);

} // namespace gestvenv
