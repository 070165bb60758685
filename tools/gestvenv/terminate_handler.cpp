// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminate_handler.hpp"

#include "system/limits/thread_capacity.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

[[noreturn]] void end_for(const error& reason) {
    print_error(reason);
    ::_exit(exit_status::internal_error);
}

// Without an exception that could be asked, one is on its way out of a constructor that had started threads
// already: CAF starts its own one by one, and std::thread ends the program when it is destroyed unjoined.
[[noreturn]] void terminate() {
    auto pending = std::current_exception();
    if (!pending)
        end_for(thread_failure(EAGAIN));
    try {
        std::rethrow_exception(pending);
    } catch (const std::system_error& refused) {
        if (refused.code().value() == EAGAIN)
            end_for(thread_failure(EAGAIN));
        print_error({error_code::system_failure, refused.what(), {}, {}});
    } catch (const std::bad_alloc&) {
        end_for({error_code::system_failure, "no memory is left", {}, {}});
    } catch (const std::exception& fault) {
        print_error({error_code::system_failure, fault.what(), {}, {}});
    } catch (...) { // says nothing about itself
        print_error({error_code::system_failure, "an unknown fault of gestvenv", {}, {}});
    }
    std::abort();
}

} // namespace

void install_terminate_handler() noexcept {
    std::set_terminate(terminate);
}

} // namespace gestvenv::cli
