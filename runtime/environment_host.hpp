// SPDX-License-Identifier: MIT
// What holds environments: a runtime in this process, or a node in another one. `environment` and
// `command_control` work for either.
#pragma once

#include "messages/environment_creation.hpp"
#include "messages/outcome.hpp"
#include "runtime/callback_thread.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Environments are named as for `runtime::find`. Questions are thread-safe and do not wait for their answer;
/// `done` runs exactly once, on any thread, and must neither block nor throw. At the end of the host the error
/// is `shutting_down`.
class environment_host {
public:
    template <class T>
    using callback = std::function<void(outcome<T>)>;

    environment_host() = default;
    environment_host(const environment_host&) = delete;
    environment_host& operator=(const environment_host&) = delete;
    virtual ~environment_host() = default;

    virtual void find(const std::string& environment, callback<environment_info> done) = 0;
    /// A command that was ended for its timeout is a result, with `timed_out`.
    virtual void execute(const std::string& environment, command_spec command, output_receiver receiver,
                         callback<operation_result> done) = 0;
    virtual void install(const std::string& environment, install_request request,
                         callback<install_result> done) = 0;
    virtual void uninstall(const std::string& environment, uninstall_request request,
                           callback<install_result> done) = 0;
    virtual void packages(const std::string& environment, callback<std::vector<installed_package>> done) = 0;
    virtual void touch(const std::string& environment, callback<void> done) = 0;
    /// By its id alone.
    virtual void history(const std::string& environment, std::size_t most,
                         callback<std::vector<runtime_event>> done) = 0;
    virtual void usage(const std::string& environment, callback<usage_sample> done) = 0;
    virtual void usage_history(const std::string& environment, std::size_t most,
                               callback<std::vector<usage_sample>> done) = 0;
    virtual void processes(const std::string& environment, std::size_t most, callback<process_list> done) = 0;
    /// Without `force` a busy environment is refused. Residue is in the receipt, and no error.
    virtual void destroy(const std::string& environment, bool force, callback<teardown_receipt> done) = 0;
    /// Its object does not own the environment any more.
    virtual void let_go(const std::string& /*environment*/) noexcept {}

    /// Where functions of the host program run.
    virtual callback_thread& callbacks() noexcept = 0;
    /// What no return value can carry.
    virtual void log(std::string_view text) const noexcept = 0;
    /// False in a forked child, whose threads are the parent's.
    virtual bool in_own_process() const noexcept = 0;
    virtual void throw_if_forked() const = 0;
};

} // namespace gestvenv
