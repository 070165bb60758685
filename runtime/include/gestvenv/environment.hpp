// SPDX-License-Identifier: MIT
// One living environment, held by the host program.
#pragma once

#include <gestvenv/command_control.hpp>
#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
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

class runtime_core;

/// Hears each line that a command writes, without its line end, while it runs; a line of more than 64 KB
/// comes in pieces. Called on the runtime's callback thread, one call at a time over all commands, all of
/// them before the command's result is there. A command whose host is slow waits. What it throws is told to
/// the runtime's log and has no other effect. It must not wait for the runtime.
using output_callback = std::function<void(output_stream stream, std::string_view line)>;

/// Owns the environment: destroying this object destroys it. Move-only. Functions block and throw the
/// exceptions of exceptions.hpp; they may be called from several threads, moving and destroying may not be at
/// the same time.
class environment {
public:
    environment() = default;
    environment(environment&& other) noexcept;
    environment& operator=(environment&& other) noexcept;
    /// Ends the environment, with all that runs in it; never throws (the runtime's log hears of trouble).
    ~environment();

    /// Whether there is an environment: false for a moved-from or destroyed one, whose other functions throw.
    explicit operator bool() const noexcept { return core_ != nullptr; }
    const std::string& id() const noexcept { return id_; }

    /// As it is now.
    environment_info info() const;
    /// The environment's folder as the host sees it: readable and writable with ordinary calls while it
    /// lives.
    std::filesystem::path host_path() const;

    /// Runs `text`, split as a shell would and without one. Throws command_timeout_exception with the partial
    /// result when `timeout` passes, execution_exception when the program cannot be started. A status other
    /// than 0 is a result, not an exception.
    operation_result execute(std::string text, std::optional<std::chrono::milliseconds> timeout = {});
    operation_result execute(command_spec command);
    /// With every line as it comes.
    operation_result execute(command_spec command, output_callback on_line);
    /// Begins to run it; the future holds the result or the exception that `execute` would throw. The command
    /// ends with the environment, whatever becomes of the future.
    std::future<operation_result> execute_async(command_spec command, output_callback on_line = {});
    /// The same, and `control` speaks to it while it runs.
    std::future<operation_result> execute_async(command_spec command, const command_control& control,
                                                output_callback on_line = {});

    /// Installs PEP 508 requirements; `{"-r", "FILE"}` is accepted too. Throws install_exception with the
    /// backend's own words.
    install_result install(std::vector<std::string> packages, bool upgrade = false);
    install_result install(install_request request);
    std::future<install_result> install_async(install_request request);
    /// Takes packages, by name, out of it. The result says which were not there.
    install_result uninstall(std::vector<std::string> packages);
    install_result uninstall(uninstall_request request);
    /// What is installed now, as the backend lists it.
    std::vector<installed_package> packages() const;

    /// Counts as activity, now: the idle time begins again.
    void update_activity();
    /// Whether the time to live is over, and whether it has been idle for longer than it may: then it is
    /// about to be torn down.
    bool is_expired() const { return info().is_expired(); }
    bool is_idle_expired() const { return info().is_idle_expired(); }
    /// Since it was created, and since the last activity.
    std::chrono::seconds age() const { return std::chrono::seconds{info().age_seconds()}; }
    std::chrono::seconds idle() const { return std::chrono::seconds{info().idle_seconds()}; }
    /// What has happened to it, oldest first; at most the last `most` events, as far as the runtime
    /// remembers.
    std::vector<runtime_event> history(std::size_t most = 100) const;
    /// What it uses now: measured when asked.
    usage_sample usage() const;
    /// What the monitor measured every `monitoring_interval`, oldest first: the last `most` of at most 720.
    std::vector<usage_sample> usage_history(std::size_t most = 720) const;

    /// Ends the environment, whatever runs in it. Throws cleanup_exception, with the receipt, when something
    /// is left.
    teardown_receipt destroy();

private:
    friend class runtime;
    environment(std::shared_ptr<runtime_core> core, std::string id);
    runtime_core& core() const;
    void end() noexcept;
    std::future<operation_result> begin(command_spec command, output_callback on_line,
                                        std::shared_ptr<command_link> link);

    std::shared_ptr<runtime_core> core_;
    std::string id_;
};

} // namespace gestvenv
