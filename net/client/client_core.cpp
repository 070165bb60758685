// SPDX-License-Identifier: MIT
#include "net/client/client_core.hpp"

#include "net/client/environment_path.hpp"
#include "net/client/open_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <unistd.h>

namespace gestvenv {

namespace {

/// What a node keeps of each, and answers at most.
constexpr std::size_t most_events = 1000;
constexpr std::size_t most_samples = 720;

using patience = node_link::patience;

std::map<std::string, std::string> variables_of_this_process() {
    std::map<std::string, std::string> result;
    for (char** item = ::environ; item != nullptr && *item != nullptr; ++item) {
        const std::string_view text{*item};
        if (auto equals = text.find('='); equals != std::string_view::npos && equals > 0)
            result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

install_context context_of_this_process() {
    std::error_code removed; // a process may outlive its folder
    return {variables_of_this_process(), std::filesystem::current_path(removed).string()};
}

template <class Request>
Request with_context(Request request, bool local) {
    if (local && !request.install_context)
        request.install_context = context_of_this_process();
    return request;
}

http::server_address address_of(const client_options& options) {
    http::server_address where;
    where.socket = options.socket;
    where.host = options.host;
    where.port = options.port;
    where.encrypted = options.socket.empty() && options.encrypted;
    where.authorities = options.authorities;
    return where;
}

client_options checked(client_options options) {
    if (options.socket.empty() == options.host.empty())
        throw_as_exception({error_code::invalid_argument,
                            "a node is either at a Unix socket or at a host with a port",
                            {},
                            "set client_options::socket, or host and port"});
    if (options.owner_pid != 0 && options.socket.empty())
        throw_as_exception({error_code::invalid_argument,
                            "an owner is a process of this machine, and the node is at a host",
                            {},
                            "leave client_options::owner_pid out"});
    if (!options.host.empty() && options.port == 0)
        throw_as_exception({error_code::invalid_argument, "the port of the node is missing", {}, {}});
    return options;
}

} // namespace

client_core::client_core(client_options options)
    : options_(checked(std::move(options))), owner_(::getpid()), link_(address_of(options_), options_.token),
      callbacks_([this](std::string_view text) { log(text); }) {}

void client_core::close() noexcept {
    if (!in_own_process())
        return;
    std::shared_ptr<execution::execution_client> channel;
    {
        std::scoped_lock lock{mutex_};
        refuses_new_ = closed_ = true;
        channel = std::move(channel_);
    }
    link_.close();
    channel.reset();
    threads_.stop();
    callbacks_.stop();
}

void client_core::cancel() noexcept {
    {
        std::scoped_lock lock{mutex_};
        refuses_new_ = closed_ = true;
    }
    link_.close();
}

bool client_core::in_own_process() const noexcept {
    return ::getpid() == owner_;
}

void client_core::throw_if_forked() const {
    if (!in_own_process())
        throw_as_exception({error_code::shutting_down,
                            "this is a forked child: the client belongs to its parent",
                            {},
                            "create a client of its own in the child"});
}

void client_core::log(std::string_view text) const noexcept {
    if (!options_.log)
        return;
    std::scoped_lock lock{log_mutex_};
    try {
        options_.log(text);
    } catch (...) { // NOLINT(bugprone-empty-catch): documented: what a host's log throws is dropped
    }
}

template <class T>
void client_core::post(callback<T> done, std::function<outcome<T>()> work) {
    auto asked = std::make_shared<open_answer<T>>(std::move(done));
    (void)threads_.post([asked, work = std::move(work)] { asked->give(work()); });
}

template <class T, class Body>
outcome<T> client_core::send(std::string_view method, std::string_view path, const Body& body, patience until,
                             const std::stop_token& stop) {
    return value_of<T>(link_.ask(method, path, to_json_value(body).dump(), until, stop));
}

void client_core::create(environment_spec spec, std::stop_token stop, callback<environment_info> done) {
    {
        std::scoped_lock lock{mutex_};
        if (refuses_new_)
            return done(failure(error_code::shutting_down, "this client of the node takes no new work"));
    }
    spec = with_context(std::move(spec), is_local());
    post<environment_info>(std::move(done), [this, spec = std::move(spec), stop = std::move(stop)] {
        const auto path = options_.owner_pid == 0
                              ? std::string{environments_path}
                              : fmt::format("{}?owner_pid={}", environments_path, options_.owner_pid);
        auto made = send<environment_info>("POST", path, spec, patience::work, stop);
        if (made) {
            std::scoped_lock lock{mutex_};
            made_.insert(made->id);
        }
        return made;
    });
}

outcome<std::vector<environment_info>> client_core::list() {
    std::vector<environment_info> all;
    std::string cursor;
    do {
        auto answer =
            link_.ask("GET", fmt::format("{}?limit=1000{}", environments_path, cursor), {}, patience::quick);
        if (!answer || answer->status >= 400)
            return value_of<std::vector<environment_info>>(answer);
        auto page = parse_json(answer->body);
        if (!page || !page->is_object() || !page->contains("items"))
            return failure(error_code::node_unreachable, "the node's list of environments cannot be read");
        auto items = from_json_value<std::vector<environment_info>>((*page)["items"]);
        if (!items)
            return failure(error_code::node_unreachable,
                           "the node's list of environments cannot be read: " + items.error().message);
        std::move(items->begin(), items->end(), std::back_inserter(all));
        const auto next = page->find("next");
        const bool more = next != page->end() && next->is_string() && !items->empty();
        cursor = more ? "&cursor=" + path_part(next->get<std::string>()) : std::string{};
    } while (!cursor.empty());
    return all;
}

outcome<system_info> client_core::system_info() {
    return ask<nlohmann::json>("GET", "/system/info").and_then(system_info_from);
}

std::vector<teardown_receipt> client_core::shut_down() {
    std::set<std::string> made;
    {
        std::scoped_lock lock{mutex_};
        refuses_new_ = true;
        made.swap(made_);
    }
    std::vector<teardown_receipt> receipts;
    for (const auto& id : made) {
        auto receipt = end(id, true);
        if (!receipt && receipt.error().code == error_code::environment_not_found)
            continue; // it has ended by itself
        if (receipt) {
            receipts.push_back(std::move(*receipt));
            continue;
        }
        teardown_receipt without;
        without.environment_id = id;
        without.residue.push_back({"environment", id, receipt.error().message});
        receipts.push_back(std::move(without));
    }
    return receipts;
}

void client_core::find(const std::string& environment, callback<environment_info> done) {
    if (auto good = check_environment_name(environment); !good)
        return done(failure(good.error()));
    done(ask<environment_info>("GET", environment_path(environment)));
}

void client_core::install(const std::string& environment, install_request request,
                          callback<install_result> done) {
    request = with_context(std::move(request), is_local());
    post<install_result>(std::move(done), [this, environment, request = std::move(request)] {
        return send<install_result>("POST", environment_path(environment, "install"), request,
                                    patience::work);
    });
}

void client_core::uninstall(const std::string& environment, uninstall_request request,
                            callback<install_result> done) {
    request = with_context(std::move(request), is_local());
    post<install_result>(std::move(done), [this, environment, request = std::move(request)] {
        return send<install_result>("POST", environment_path(environment, "uninstall"), request,
                                    patience::work);
    });
}

void client_core::packages(const std::string& environment, callback<std::vector<installed_package>> done) {
    // After what is being installed.
    done(value_of<std::vector<installed_package>>(
        link_.ask("GET", environment_path(environment, "packages"), {}, patience::work)));
}

void client_core::touch(const std::string& environment, callback<void> done) {
    done(ask<void>("POST", environment_path(environment, "touch")));
}

void client_core::history(const std::string& environment, std::size_t most,
                          callback<std::vector<runtime_event>> done) {
    if (most == 0)
        return done(std::vector<runtime_event>{});
    const auto path = fmt::format("events?most={}", std::min<std::size_t>(most, most_events));
    done(ask<std::vector<runtime_event>>("GET", environment_path(environment, path)));
}

void client_core::usage(const std::string& environment, callback<usage_sample> done) {
    done(ask<usage_sample>("GET", environment_path(environment, "usage")));
}

void client_core::usage_history(const std::string& environment, std::size_t most,
                                callback<std::vector<usage_sample>> done) {
    if (most == 0)
        return done(std::vector<usage_sample>{});
    const auto path = fmt::format("usage/history?most={}", std::min<std::size_t>(most, most_samples));
    done(ask<std::vector<usage_sample>>("GET", environment_path(environment, path)));
}

// None is a number that the node refuses: its total is wanted.
void client_core::processes(const std::string& environment, std::size_t most, callback<process_list> done) {
    const auto path =
        fmt::format("processes?most={}", std::clamp<std::size_t>(most, 1, process_list::most_processes));
    auto found = ask<process_list>("GET", environment_path(environment, path));
    if (found && found->processes.size() > most)
        found->processes.resize(most);
    done(std::move(found));
}

// A receipt with residue comes as a problem, and is a receipt here.
outcome<teardown_receipt> client_core::end(const std::string& environment, bool force) {
    if (auto good = check_environment_name(environment); !good)
        return failure(good.error());
    auto answer =
        link_.ask("DELETE", environment_path(environment) + (force ? "?force=true" : ""), {}, patience::work);
    outcome<teardown_receipt> receipt = failure(client_ended());
    if (answer && answer->status >= 400) {
        auto problem = problem_in(*answer);
        if (problem.receipt)
            receipt = std::move(*problem.receipt);
        else
            receipt = failure(std::move(problem.what));
    } else {
        receipt = value_of<teardown_receipt>(answer);
    }
    if (receipt) {
        std::scoped_lock lock{mutex_};
        made_.erase(receipt->environment_id);
    }
    return receipt;
}

void client_core::destroy(const std::string& environment, bool force, callback<teardown_receipt> done) {
    if (answering_scope::active())
        return post<teardown_receipt>(std::move(done),
                                      [this, environment, force] { return end(environment, force); });
    done(end(environment, force));
}

void client_core::let_go(const std::string& environment) noexcept {
    std::scoped_lock lock{mutex_};
    made_.erase(environment);
}

} // namespace gestvenv
