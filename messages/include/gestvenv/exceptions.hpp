// SPDX-License-Identifier: MIT
// The exceptions of the public face; each carries the error it stands for. Inside the program errors are
// values.
#pragma once

#include <gestvenv/error.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <stdexcept>

namespace gestvenv {

/// Base of all exceptions thrown by GestVenv. `what()` is the message and, where there is one, the hint.
class ephemeral_exception : public std::runtime_error {
public:
    explicit ephemeral_exception(error value);
    const error& details() const noexcept { return details_; }

private:
    error details_;
};

/// A global limit leaves no room.
class resource_exhausted_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// An environment could not be made, or its packages not be installed.
class environment_creation_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A teardown left something behind, or was refused; the receipt says what.
class cleanup_exception : public ephemeral_exception {
public:
    cleanup_exception(error value, teardown_receipt receipt);
    const teardown_receipt& receipt() const noexcept { return receipt_; }

private:
    teardown_receipt receipt_;
};

/// The isolation level or security mode asked for cannot be had.
class isolation_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// No environment has this id or name.
class environment_not_found_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A package could not be installed, uninstalled or listed.
class install_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A command could not be started (`command_not_found`, `command_not_executable`).
class execution_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// A command outlived its timeout; `result()` holds what it had written until then.
class command_timeout_exception : public ephemeral_exception {
public:
    command_timeout_exception(error value, operation_result result);
    const operation_result& result() const noexcept { return result_; }

private:
    operation_result result_;
};

/// An argument is not acceptable; nothing was started.
class invalid_argument_exception : public ephemeral_exception {
    using ephemeral_exception::ephemeral_exception;
};

/// Throws the exception that stands for this error.
[[noreturn]] void throw_as_exception(const error& value);

} // namespace gestvenv
