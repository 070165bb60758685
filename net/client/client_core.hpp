// SPDX-License-Identifier: MIT
// A node as a host of environments.
#pragma once

#include "messages/json.hpp"
#include "net/client/node_link.hpp"
#include "net/client/problem_document.hpp"
#include "net/client/system_info.hpp"
#include "net/client/work_threads.hpp"
#include "net/execution/execution_client.hpp"
#include "runtime/answers.hpp"
#include "runtime/environment_host.hpp"

#include <gestvenv/client.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gestvenv {

/// Questions whose answer no thread waits for, and those about work, are asked by threads of its own; others by their caller's, for
/// `done` may run on any.
class client_core final : public environment_host, public std::enable_shared_from_this<client_core> {
public:
    explicit client_core(client_options options);
    client_core(const client_core&) = delete;
    client_core& operator=(const client_core&) = delete;
    ~client_core() override { close(); }

    /// Everything under way fails with `shutting_down`, and nothing new is begun.
    void close() noexcept;
    /// The same for requests, without a wait for the threads that ask.
    void cancel() noexcept;

    void create(environment_spec spec, std::stop_token stop, callback<environment_info> done);
    /// Waits for the answer of the node, in the caller's thread.
    template <class T>
    outcome<T> ask(std::string_view method, std::string_view path,
                   node_link::patience until = node_link::patience::quick);
    outcome<gestvenv::system_info> system_info();
    outcome<std::vector<environment_info>> list();
    /// Ends what this object has made.
    std::vector<teardown_receipt> shut_down();

    void find(const std::string& environment, callback<environment_info> done) override;
    void execute(const std::string& environment, command_spec command, output_receiver receiver,
                 callback<operation_result> done) override;
    void install(const std::string& environment, install_request request,
                 callback<install_result> done) override;
    void uninstall(const std::string& environment, uninstall_request request,
                   callback<install_result> done) override;
    void packages(const std::string& environment, callback<std::vector<installed_package>> done) override;
    void touch(const std::string& environment, callback<void> done) override;
    void history(const std::string& environment, std::size_t most,
                 callback<std::vector<runtime_event>> done) override;
    void usage(const std::string& environment, callback<usage_sample> done) override;
    void usage_history(const std::string& environment, std::size_t most,
                       callback<std::vector<usage_sample>> done) override;
    void processes(const std::string& environment, std::size_t most, callback<process_list> done) override;
    void destroy(const std::string& environment, bool force, callback<teardown_receipt> done) override;
    void let_go(const std::string& environment) noexcept override;

    callback_thread& callbacks() noexcept override { return callbacks_; }
    void log(std::string_view text) const noexcept override;
    bool in_own_process() const noexcept override;
    void throw_if_forked() const override;

    /// Whether the node is on this machine, so that both know the same files.
    bool is_local() const noexcept { return link_.is_local(); }

private:
    /// Runs `work` on another thread, or answers with the error that it cannot.
    template <class T>
    void post(callback<T> done, std::function<outcome<T>()> work);
    template <class T, class Body>
    outcome<T> send(std::string_view method, std::string_view path, const Body& body,
                    node_link::patience until, const std::stop_token& stop = {});
    template <class T>
    outcome<T> value_of(const outcome<http::response>& answer);
    outcome<teardown_receipt> end(const std::string& environment, bool force);
    outcome<descriptor> open_channel(const std::string& environment);
    outcome<operation_result> execute_remotely(const std::string& environment, const command_spec& command,
                                               const output_receiver& receiver);
    outcome<std::shared_ptr<execution::execution_client>> channel();

    client_options options_;
    pid_t owner_;
    node_link link_;
    callback_thread callbacks_;
    work_threads threads_;
    mutable std::mutex mutex_;
    std::shared_ptr<execution::execution_client> channel_;
    /// Made by this object, and neither ended nor released.
    std::set<std::string> made_;
    bool refuses_new_ = false;
    bool closed_ = false;
    mutable std::mutex log_mutex_;
};

/// The value in an answer, or its error.
template <class T>
outcome<T> client_core::value_of(const outcome<http::response>& answer) {
    if (!answer)
        return failure(answer.error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        auto value = parse_json(answer->body).and_then([](nlohmann::json body) -> outcome<T> {
            if constexpr (std::is_same_v<T, nlohmann::json>)
                return body;
            else
                return from_json_value<T>(body);
        });
        if (!value)
            return failure(error_code::node_unreachable,
                           "the node's answer cannot be read: " + value.error().message,
                           "it may be of another version; end it with: gestvenv node stop");
        return value;
    }
}

template <class T>
outcome<T> client_core::ask(std::string_view method, std::string_view path, node_link::patience until) {
    return value_of<T>(link_.ask(method, path, {}, until));
}

} // namespace gestvenv
