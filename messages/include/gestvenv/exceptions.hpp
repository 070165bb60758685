// SPDX-License-Identifier: MIT
// The exceptions of the public interface. Each carries the error that it represents. Inside the library
// errors are values.
#pragma once

#include <gestvenv/error.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <stdexcept>

namespace gestvenv {

/// Base of all exceptions thrown by GestVenv. `what()` is the message and, if there is one, the hint. Errors
/// without a class of their own are thrown as this class; `details().code` says which.
class ephemeral_exception : public std::runtime_error {
public:
    explicit ephemeral_exception(error value);
    /// The error; valid as long as the exception.
    const error& details() const noexcept { return details_; }

private:
    error details_;
};

/// A limit of the runtime leaves no capacity (`resources_exhausted`).
class resource_exhausted_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// An environment could not be made (`creation_failed`, `interpreter_not_found`, `backend_not_found`).
class environment_creation_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A teardown left residue (`cleanup_incomplete`), or was refused because the environment is busy
/// (`environment_busy`; the receipt is empty then).
class cleanup_exception : public ephemeral_exception {
public:
    cleanup_exception(error value, teardown_receipt receipt);
    /// The receipt, with the residue; valid as long as the exception.
    const teardown_receipt& receipt() const noexcept { return receipt_; }

private:
    teardown_receipt receipt_;
};

/// The requested isolation level, security mode or limit is not available (`isolation_unavailable`).
class isolation_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// No living environment has this id, id prefix or name (`environment_not_found`).
class environment_not_found_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A package could not be installed, uninstalled or listed (`install_failed`).
class install_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A command could not be started (`command_not_found`, `command_not_executable`).
class execution_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A command reached its timeout and was killed (`command_timed_out`); `result()` holds its output until
/// then.
class command_timeout_exception : public ephemeral_exception {
public:
    command_timeout_exception(error value, operation_result result);
    /// The partial result; valid as long as the exception.
    const operation_result& result() const noexcept { return result_; }

private:
    operation_result result_;
};

/// An argument is not acceptable, or a name is in use (`invalid_argument`, `name_in_use`); nothing was
/// started.
class invalid_argument_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// Throws the exception class for the error's code. Thread-safe.
[[noreturn]] void throw_as_exception(const error& value);

} // namespace gestvenv
