// SPDX-License-Identifier: MIT
#include <gestvenv/environment.hpp>

#include "runtime/ask.hpp"
#include "runtime/host_paths.hpp"
#include "runtime/output_lines.hpp"
#include "runtime/runtime_core.hpp"
#include "system/python/requirement.hpp"

#include <gestvenv/exceptions.hpp>

#include <memory>
#include <utility>

namespace gestvenv {

environment::environment(std::shared_ptr<runtime_core> core, std::string id)
    : core_(std::move(core)), id_(std::move(id)) {}

environment::environment(environment&& other) noexcept
    : core_(std::exchange(other.core_, nullptr)), id_(std::move(other.id_)) {}

environment& environment::operator=(environment&& other) noexcept {
    if (this != &other) {
        end();
        core_ = std::exchange(other.core_, nullptr);
        id_ = std::move(other.id_);
    }
    return *this;
}

environment::~environment() {
    end();
}

void environment::end() noexcept {
    auto core = std::exchange(core_, nullptr);
    if (!core || !core->in_own_process())
        return;
    // In a future that nobody waits for: the thread that brought it must not wait.
    if (answering_scope::active())
        return core->tell(destroy_atom_v, id_, cleanup_reason::requested, true);
    try {
        auto receipt = core->ask<teardown_receipt>(destroy_atom_v, id_, cleanup_reason::requested, true);
        throw_if_residue(receipt);
    } catch (const environment_not_found_exception&) { // NOLINT(bugprone-empty-catch)
        // Its time to live ended before its owner did.
    } catch (const std::exception& problem) {
        core->log(problem.what());
    }
}

runtime_core& environment::core() const {
    if (!core_)
        throw_as_exception({error_code::environment_gone,
                            "this object holds no environment: it was destroyed or moved from", id_,
                            "create a new one"});
    return *core_;
}

environment_info environment::info() const {
    return core().ask<environment_info>(find_atom_v, id_);
}

std::filesystem::path environment::host_path() const {
    return info().host_path;
}

operation_result environment::execute(std::string text, std::optional<std::chrono::milliseconds> timeout) {
    command_spec command;
    command.text = std::move(text);
    command.timeout = timeout;
    return execute(std::move(command));
}

namespace {

// A command that was ended for its timeout is an exception with the partial result.
struct timeout_thrown {
    std::string environment;
    std::optional<std::chrono::milliseconds> timeout;

    operation_result operator()(operation_result result) const {
        if (!result.timed_out)
            return result;
        throw command_timeout_exception{
            {error_code::command_timed_out,
             "the command did not end within " +
                 std::to_string(timeout.value_or(std::chrono::milliseconds{}).count()) +
                 " ms and was ended with all its descendants",
             environment, "give it more time, or find out what it waits for"},
            std::move(result)};
    }
};

command_spec with_absolute_folder(command_spec command) {
    if (!command.working_directory.empty())
        command.working_directory = std::filesystem::absolute(command.working_directory);
    return command;
}

} // namespace

operation_result environment::execute(command_spec command) {
    timeout_thrown check{id_, command.timeout};
    return check(core().ask<operation_result>(execute_atom_v, id_, with_absolute_folder(std::move(command)),
                                              output_receiver{}));
}

operation_result environment::execute(command_spec command, output_callback on_line) {
    return execute_async(std::move(command), std::move(on_line)).get();
}

std::future<operation_result> environment::execute_async(command_spec command, output_callback on_line) {
    return begin(std::move(command), std::move(on_line), nullptr);
}

std::future<operation_result> environment::execute_async(command_spec command, const command_control& control,
                                                         output_callback on_line) {
    control.call_on(core_);
    return begin(std::move(command), std::move(on_line), control.link_);
}

std::future<operation_result> environment::begin(command_spec command, output_callback on_line,
                                                 std::shared_ptr<command_link> link) {
    auto& owner = core();
    timeout_thrown check{id_, command.timeout};
    command = with_absolute_folder(std::move(command));
    if (!on_line)
        return owner.ask_async<operation_result>(check, execute_atom_v, id_, std::move(command),
                                                 output_receiver{nullptr, std::move(link)});
    owner.throw_if_forked();
    auto lines = std::make_shared<output_lines>(owner.callbacks(), std::move(on_line));
    auto promise = std::make_shared<std::promise<operation_result>>();
    auto future = promise->get_future();
    owner.begin<operation_result>(
        [&owner, lines, promise, check](outcome<operation_result> result) {
            lines->finish();
            auto answer = std::make_shared<outcome<operation_result>>(std::move(result));
            auto give = [promise, check, answer] { fulfil(*promise, std::move(*answer), check); };
            // After the last line; at the end of the runtime no line comes any more.
            if (!owner.callbacks().post(give))
                give();
        },
        execute_atom_v, id_, std::move(command), output_receiver{lines, std::move(link)});
    return future;
}

install_result environment::install(std::vector<std::string> packages, bool upgrade) {
    auto items = python::split_install_items(packages);
    if (!items)
        throw_as_exception(items.error());
    install_request request;
    request.packages = std::move(items->packages);
    request.requirements_files = std::move(items->requirements_files);
    request.upgrade = upgrade;
    return install(std::move(request));
}

namespace {

install_request checked(install_request request) {
    if (auto valid = python::validate_packages(request.packages); !valid)
        throw_as_exception(valid.error());
    for (auto& file : request.requirements_files)
        file = checked_requirements_file(file);
    if (request.project)
        request.project = checked_project(std::move(*request.project));
    return request;
}

} // namespace

install_result environment::install(install_request request) {
    return core().ask<install_result>(install_atom_v, id_, checked(std::move(request)));
}

std::future<install_result> environment::install_async(install_request request) {
    return core().ask_async<install_result>(as_it_is{}, install_atom_v, id_, checked(std::move(request)));
}

install_result environment::uninstall(std::vector<std::string> packages) {
    uninstall_request request;
    request.packages = std::move(packages);
    return uninstall(std::move(request));
}

install_result environment::uninstall(uninstall_request request) {
    return core().ask<install_result>(uninstall_atom_v, id_, std::move(request));
}

std::vector<installed_package> environment::packages() const {
    return core().ask<std::vector<installed_package>>(packages_atom_v, id_);
}

void environment::update_activity() {
    core().ask<void>(touch_atom_v, id_);
}

std::vector<runtime_event> environment::history(std::size_t most) const {
    return core().events(most, id_);
}

usage_sample environment::usage() const {
    return core().ask<usage_sample>(usage_atom_v, id_);
}

std::vector<usage_sample> environment::usage_history(std::size_t most) const {
    return core().ask<std::vector<usage_sample>>(history_atom_v, id_, std::uint64_t{most});
}

teardown_receipt environment::destroy() {
    auto receipt = core().ask<teardown_receipt>(destroy_atom_v, id_, cleanup_reason::requested, true);
    core_ = nullptr;
    throw_if_residue(receipt);
    return receipt;
}

} // namespace gestvenv
