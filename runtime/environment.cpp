// SPDX-License-Identifier: MIT
#include <gestvenv/environment.hpp>

#include "runtime/answers.hpp"
#include "runtime/environment_host.hpp"
#include "runtime/host_paths.hpp"
#include "runtime/output_lines.hpp"
#include "system/python/requirement.hpp"

#include <gestvenv/exceptions.hpp>

#include <memory>
#include <utility>

namespace gestvenv {

environment::environment(std::shared_ptr<environment_host> host, std::string id, bool owned)
    : host_(std::move(host)), id_(std::move(id)), owned_(owned) {}

environment::environment(environment&& other) noexcept
    : host_(std::exchange(other.host_, nullptr)), id_(std::move(other.id_)), owned_(other.owned_) {}

environment& environment::operator=(environment&& other) noexcept {
    if (this != &other) {
        end();
        host_ = std::exchange(other.host_, nullptr);
        id_ = std::move(other.id_);
        owned_ = other.owned_;
    }
    return *this;
}

environment::~environment() {
    end();
}

std::string environment::release() {
    if (host_)
        std::exchange(host_, nullptr)->let_go(id_);
    return id_;
}

void environment::end() noexcept {
    auto host = std::exchange(host_, nullptr);
    if (!host || !owned_ || !host->in_own_process())
        return;
    // In a future without a waiter: the thread that brought it must not wait.
    if (answering_scope::active())
        return host->destroy(id_, true, [](const outcome<teardown_receipt>&) {});
    try {
        auto receipt =
            wait_for_answer<teardown_receipt>([&](auto done) { host->destroy(id_, true, std::move(done)); });
        throw_if_residue(receipt);
    } catch (const environment_not_found_exception&) { // NOLINT(bugprone-empty-catch)
        // Its time to live ended before its owner did.
    } catch (const std::exception& problem) {
        host->log(problem.what());
    }
}

environment_host& environment::host() const {
    if (!host_)
        throw_as_exception({error_code::environment_gone,
                            "this object holds no environment: it was destroyed, released or moved from", id_,
                            "create a new one"});
    host_->throw_if_forked();
    return *host_;
}

environment_info environment::info() const {
    return wait_for_answer<environment_info>([&](auto done) { host().find(id_, std::move(done)); });
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
    return check(wait_for_answer<operation_result>([&](auto done) {
        host().execute(id_, with_absolute_folder(std::move(command)), output_receiver{}, std::move(done));
    }));
}

operation_result environment::execute(command_spec command, output_callback on_line) {
    return execute_async(std::move(command), std::move(on_line)).get();
}

std::future<operation_result> environment::execute_async(command_spec command, output_callback on_line) {
    return begin(std::move(command), std::move(on_line), nullptr);
}

std::future<operation_result> environment::execute_async(command_spec command, const command_control& control,
                                                         output_callback on_line) {
    control.call_on(host_);
    return begin(std::move(command), std::move(on_line), control.link_);
}

std::future<operation_result> environment::begin(command_spec command, output_callback on_line,
                                                 std::shared_ptr<command_link> link) {
    auto& where = host();
    timeout_thrown check{id_, command.timeout};
    command = with_absolute_folder(std::move(command));
    if (!on_line)
        return future_answer<operation_result>(
            [&](auto done) {
                where.execute(id_, std::move(command), output_receiver{nullptr, std::move(link)},
                              std::move(done));
            },
            check);
    auto lines = std::make_shared<output_lines>(where.callbacks(), std::move(on_line));
    auto promise = std::make_shared<std::promise<operation_result>>();
    auto future = promise->get_future();
    where.execute(id_, std::move(command), output_receiver{lines, std::move(link)},
                  [&where, lines, promise, check](outcome<operation_result> result) {
                      lines->finish();
                      auto answer = std::make_shared<outcome<operation_result>>(std::move(result));
                      auto give = [promise, check, answer] { fulfil(*promise, std::move(*answer), check); };
                      // After the last line; at the end of the host no line comes any more.
                      if (!where.callbacks().post(give))
                          give();
                  });
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
    return wait_for_answer<install_result>(
        [&](auto done) { host().install(id_, checked(std::move(request)), std::move(done)); });
}

std::future<install_result> environment::install_async(install_request request) {
    return future_answer<install_result>(
        [&](auto done) { host().install(id_, checked(std::move(request)), std::move(done)); });
}

install_result environment::uninstall(std::vector<std::string> packages) {
    uninstall_request request;
    request.packages = std::move(packages);
    return uninstall(std::move(request));
}

install_result environment::uninstall(uninstall_request request) {
    return wait_for_answer<install_result>(
        [&](auto done) { host().uninstall(id_, std::move(request), std::move(done)); });
}

std::vector<installed_package> environment::packages() const {
    return wait_for_answer<std::vector<installed_package>>(
        [&](auto done) { host().packages(id_, std::move(done)); });
}

void environment::update_activity() {
    wait_for_answer<void>([&](auto done) { host().touch(id_, std::move(done)); });
}

std::vector<runtime_event> environment::history(std::size_t most) const {
    return wait_for_answer<std::vector<runtime_event>>(
        [&](auto done) { host().history(id_, most, std::move(done)); });
}

usage_sample environment::usage() const {
    return wait_for_answer<usage_sample>([&](auto done) { host().usage(id_, std::move(done)); });
}

std::vector<usage_sample> environment::usage_history(std::size_t most) const {
    return wait_for_answer<std::vector<usage_sample>>(
        [&](auto done) { host().usage_history(id_, most, std::move(done)); });
}

process_list environment::processes(std::size_t most) const {
    return wait_for_answer<process_list>([&](auto done) { host().processes(id_, most, std::move(done)); });
}

teardown_receipt environment::destroy() {
    auto receipt =
        wait_for_answer<teardown_receipt>([&](auto done) { host().destroy(id_, true, std::move(done)); });
    host_ = nullptr;
    throw_if_residue(receipt);
    return receipt;
}

} // namespace gestvenv
