// SPDX-License-Identifier: MIT
// One living environment, owned by the host program.
#pragma once

#include <gestvenv/command_control.hpp>
#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class environment_host;

/// Receives each line of a command's output while the command runs, without its line end; a line of more than
/// 64 KiB comes in pieces. It runs on the runtime's callback thread: one call at a time over all commands,
/// and all calls before the command's result is available. A command whose callback is slow waits. An
/// exception that it throws is reported to the runtime's log and has no other effect. It must not call
/// functions that wait for the runtime.
using output_callback = std::function<void(output_stream stream, std::string_view line)>;

/// Owns an environment: destroying this object destroys the environment, unless it comes from `attach`.
/// Move-only.
///
/// Functions block and throw the exceptions of exceptions.hpp. They are thread-safe, except for moving and
/// destroying the object. On an empty object they throw ephemeral_exception with `environment_gone`, and so
/// do functions that use the environment once its teardown has begun. After its end they throw
/// environment_not_found_exception; after the end of the runtime, ephemeral_exception with `shutting_down`.
class environment {
public:
    environment() = default;
    environment(environment&& other) noexcept;
    environment& operator=(environment&& other) noexcept;
    /// Ends the environment with all its processes, if this object owns it. Never throws; the runtime's log
    /// reports residue.
    ~environment();

    /// Whether this object holds an environment: false if it was moved from, destroyed, released or made by
    /// default.
    explicit operator bool() const noexcept { return host_ != nullptr; }
    /// The environment's id, a UUID; valid as long as this object.
    const std::string& id() const noexcept { return id_; }

    /// A snapshot of the environment.
    environment_info info() const;
    /// The environment's folder, as the host sees it. Ordinary calls can read and write it while the
    /// environment lives.
    std::filesystem::path host_path() const;

    /// Runs `text`, split as a shell would split it, without a shell. Throws command_timeout_exception with
    /// the partial result when `timeout` passes, execution_exception if the program cannot be started, and
    /// invalid_argument_exception for a command out of range. A status other than 0 is a result, not an
    /// exception.
    operation_result execute(std::string text, std::optional<std::chrono::milliseconds> timeout = {});
    operation_result execute(command_spec command);
    /// The same; `on_line` receives each line of output as it is written.
    operation_result execute(command_spec command, output_callback on_line);
    /// Starts the command and returns at once. The future holds the result, or the exception that `execute`
    /// would throw. The command ends with the environment, also if the future is dropped.
    std::future<operation_result> execute_async(command_spec command, output_callback on_line = {});
    /// The same; `control` controls the command while it runs.
    std::future<operation_result> execute_async(command_spec command, const command_control& control,
                                                output_callback on_line = {});

    /// Installs PEP 508 requirements; `{"-r", "FILE"}` is accepted too. Throws install_exception with the
    /// backend's own message, invalid_argument_exception for an item that is not a requirement, and
    /// environment_creation_exception if the backend is not installed.
    install_result install(std::vector<std::string> packages, bool upgrade = false);
    install_result install(install_request request);
    std::future<install_result> install_async(install_request request);
    /// Removes packages by name. The result lists those that were not installed. Throws as `install` does.
    install_result uninstall(std::vector<std::string> packages);
    install_result uninstall(uninstall_request request);
    /// The installed packages, as the backend lists them.
    std::vector<installed_package> packages() const;

    /// Counts as activity: the idle time starts again.
    void update_activity();
    /// Whether the time to live has passed, and whether the environment has been idle for too long. In both
    /// cases its teardown is about to begin.
    bool is_expired() const { return info().is_expired(); }
    bool is_idle_expired() const { return info().is_idle_expired(); }
    /// Time since creation, and since the last activity.
    std::chrono::seconds age() const { return std::chrono::seconds{info().age_seconds()}; }
    std::chrono::seconds idle() const { return std::chrono::seconds{info().idle_seconds()}; }
    /// The last events of this environment, oldest first: at most `most`, as far as the runtime keeps them.
    std::vector<runtime_event> history(std::size_t most = 100) const;
    /// The current resource usage, measured by this call.
    usage_sample usage() const;
    /// The samples of the monitor, one per `monitoring_interval`, oldest first: the last `most` of at most
    /// 720.
    std::vector<usage_sample> usage_history(std::size_t most = 720) const;
    /// The processes that are alive in it, read by this call, those with most memory first: at most `most` of at
    /// most 500.
    process_list processes(std::size_t most = 100) const;

    /// Ends the environment, also while commands run in it. Throws cleanup_exception, with the receipt, if
    /// there is residue.
    teardown_receipt destroy();
    /// Lets go of the environment without ending it, and returns its id. It lives on until its time to live or
    /// its idle time is over, or its runtime ends; `attach` finds it again. This object is empty then.
    std::string release();

private:
    friend class runtime;
    friend class client;
    environment(std::shared_ptr<environment_host> host, std::string id, bool owned);
    environment_host& host() const;
    void end() noexcept;
    std::future<operation_result> begin(command_spec command, output_callback on_line,
                                        std::shared_ptr<command_link> link);

    std::shared_ptr<environment_host> host_;
    std::string id_;
    bool owned_ = true;
};

} // namespace gestvenv
