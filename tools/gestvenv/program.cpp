// SPDX-License-Identifier: MIT
#include "tools/gestvenv/program.hpp"

#include "system/posix/file_size_limit.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/time_slice.hpp"
#include "tools/gestvenv/commands.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/full_program.hpp"
#include "tools/gestvenv/options/command_line.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/terminate_handler.hpp"

#include <gestvenv/exceptions.hpp>

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <variant>

namespace gestvenv::cli {

namespace {

/// A file opened while one of the first three descriptors is free would take its place, and be written to by
/// code that means standard output.
void fill_standard_streams() {
    int descriptor = 0;
    while (descriptor >= 0 && descriptor <= STDERR_FILENO)
        descriptor = ::open("/dev/null", O_RDWR); // inherited on purpose, as the standard streams are
    if (descriptor > STDERR_FILENO)
        ::close(descriptor);
}

int answer(const text_request& request) {
    if (request.asked_for)
        return print(request.text);
    static_cast<void>(write_all(STDERR_FILENO, request.text)); // as for print_error
    return exit_status::usage;
}

int act(const std::vector<std::string>& words) {
    auto asked = parse_command_line(program_command, words);
    if (!asked) {
        print_error(asked.error());
        return exit_status::usage;
    }
    if (const auto* text = std::get_if<text_request>(&*asked))
        return answer(*text);
    const auto& wanted = std::get<wanted_command>(*asked);
    if (wanted.what->needs_encryption)
        if (auto gone_on = go_on_in_full_program(words); !gone_on) {
            print_error(gone_on.error());
            return exit_status::internal_error;
        }
    return wanted.what->action.run(*wanted.request);
}

} // namespace

int run_program(const std::vector<std::string>& words) {
    install_terminate_handler();
    fill_standard_streams();
    // A reader that has gone away must not end the program before it has cleaned up. Commands start with the
    // default.
    std::signal(SIGPIPE, SIG_IGN);
    // Nor may a limit on the size of files that is meant for commands.
    std::signal(SIGXFSZ, SIG_IGN);
    pass_file_size_limit_on(lift_file_size_limit());
    pass_time_slice_on(shorten_time_slice());
    return with_exceptions_reported([&words] { return act(words); });
}

int with_exceptions_reported(const std::function<int()>& act) {
    try {
        return act();
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::of(problem.details().code);
    } catch (const std::system_error& problem) {
        print_error(start_failure(problem.code().value(), "gestvenv cannot start").value());
        return exit_status::internal_error;
    } catch (const std::exception&
                 problem) { // no memory, no threads: by now the runtime's destructor has cleaned up
        print_error(error{error_code::system_failure, problem.what(), {}, {}});
        return exit_status::internal_error;
    }
}

} // namespace gestvenv::cli
