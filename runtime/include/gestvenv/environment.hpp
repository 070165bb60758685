// One living environment, held by the host program.
#pragma once

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

class runtime_core;

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

    /// Installs PEP 508 requirements; `{"-r", "FILE"}` is accepted too. Throws install_exception with the
    /// backend's own words.
    install_result install(std::vector<std::string> packages, bool upgrade = false);
    install_result install(install_request request);

    /// Ends the environment, whatever runs in it. Throws cleanup_exception, with the receipt, when something
    /// is left.
    teardown_receipt destroy();

private:
    friend class runtime;
    environment(std::shared_ptr<runtime_core> core, std::string id);
    runtime_core& core() const;
    void end() noexcept;

    std::shared_ptr<runtime_core> core_;
    std::string id_;
};

} // namespace gestvenv
