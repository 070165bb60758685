// SPDX-License-Identifier: MIT
#include "tests/net/client/small_node.hpp"

#include "net/rest/problem.hpp"
#include "system/process/command_link.hpp"

#include <gestvenv/exceptions.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace gestvenv::test {

namespace {

runtime_options options_in(const temporary_folder& folder, std::function<void(const std::string&)> note_end) {
    runtime_options options;
    options.launcher = built_launcher;
    options.state_root = folder.path() / "state";
    options.config.base_storage_path = folder.path() / "storage";
    options.on_event = [note_end = std::move(note_end)](const runtime_event& event) {
        if (event.kind == event_kind::environment_gone)
            note_end(event.environment_name);
    };
    return options;
}

descriptor listening_at(const std::string& path) {
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket.get(), 64) == 0);
    return socket;
}

http::response as_json(int status, const nlohmann::json& value) {
    http::response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/json");
    answer.body = value.dump();
    return answer;
}

/// Answers a question with its value or its problem.
template <class T>
auto answer_with(const std::shared_ptr<http::exchange>& what, int status = 200) {
    return [what, status](outcome<T> value) {
        static_cast<void>(status);
        if (!value)
            return what->answer(rest::problem(value.error()));
        if constexpr (std::is_void_v<T>)
            what->answer({.status = 204});
        else
            what->answer(as_json(status, to_json_value(*value)));
    };
}

template <class T>
T body_of(const http::request& asked) {
    return parse_json(asked.body).and_then(from_json_value<T>).value();
}

std::string query_of(const http::request& asked, const char* key) {
    auto found = asked.query.find(key);
    return found == asked.query.end() ? std::string{} : found->second;
}

} // namespace

small_node::small_node()
    : machine_(options_in(folder_, [this](const std::string& name) { note_end(name); })),
      host_(runtime_access::host_of(machine_)) {
    auto commands = execution::execution_server::start();
    REQUIRE(commands);
    commands_ = std::move(*commands);
    server_ = std::make_unique<http::server>(*this, http::limits{});
    REQUIRE(server_->listen(listening_at(socket())));
    auto address = server_->listen_tcp("127.0.0.1:0", nullptr);
    REQUIRE(address);
    port_ = static_cast<std::uint16_t>(std::stoi(address->substr(address->rfind(':') + 1)));
    server_->start();
}

small_node::~small_node() {
    stop();
}

void small_node::note_end(const std::string& name) {
    std::scoped_lock lock{mutex_};
    ended_.insert(name);
    changed_.notify_all();
}

bool small_node::wait_for_end_of(const std::string& name) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return ended_.contains(name); });
}

void small_node::stop() {
    server_.reset();
    commands_.reset();
}

void small_node::answer_all_with(http::response what) {
    std::scoped_lock lock{mutex_};
    fixed_ = std::make_unique<http::response>(std::move(what));
}

std::vector<std::string> small_node::asked() const {
    std::scoped_lock lock{mutex_};
    return asked_;
}

nlohmann::json small_node::last_body() const {
    std::scoped_lock lock{mutex_};
    return nlohmann::json::parse(last_body_);
}

http::response small_node::refusal(int status, std::string_view what) {
    return rest::problem(status, what);
}

void small_node::handle(std::shared_ptr<http::exchange> what) {
    const auto& asked = what->asked();
    {
        std::scoped_lock lock{mutex_};
        asked_.push_back(asked.method + " " + asked.target);
        last_body_ = asked.body;
        if (fixed_)
            return what->answer(*fixed_);
    }
    const std::vector<std::string> path{asked.path.begin() + 2, asked.path.end()}; // below /api/v1
    if (path == std::vector<std::string>{"ephemeral", "environments"})
        return asked.method == "POST" ? create(what) : list(what);
    if (path.size() >= 3 && path[1] == "environments") {
        std::string action = asked.method == "DELETE" ? "DELETE" : "";
        for (std::size_t i = 3; i < path.size(); ++i)
            action += "/" + path[i];
        return handle_environment(what, path[2], action);
    }
    if (path.back() == "stats")
        return what->answer(as_json(200, to_json_value(machine_.usage())));
    if (path.back() == "tree")
        return what->answer(as_json(200, nlohmann::json::parse(machine_.tree())));
    if (path.back() == "events")
        return what->answer(as_json(200, to_json_value(machine_.events(1000))));
    if (path.back() == "cleanup-all") {
        std::vector<teardown_receipt> receipts;
        for (const auto& one : machine_.list())
            receipts.push_back(machine_.cleanup(one.id, true));
        return what->answer(as_json(200, to_json_value(receipts)));
    }
    const auto found = machine_.abilities();
    what->answer(as_json(200, {{"version", "1"},
                               {"abilities",
                                {{"best", to_string(found.best)},
                                 {"cgroups", found.cgroups},
                                 {"storage_mounts", found.storage_mounts},
                                 {"memory_limited_by", found.memory_limited_by},
                                 {"cpu_limited_by", found.cpu_limited_by},
                                 {"threads_limited_by", found.threads_limited_by},
                                 {"limitations", found.limitations}}},
                               {"configuration", to_json_value(machine_.configuration())}}));
}

// In a thread: a creation is waited for here, and the server's thread must not.
void small_node::create(const exchange& what) {
    std::thread{[this, what] {
        try {
            auto made = machine_.create(body_of<environment_spec>(what->asked()));
            what->answer(as_json(201, to_json_value(made.info())));
            (void)made.release();
        } catch (const ephemeral_exception& problem) {
            what->answer(rest::problem(problem.details()));
        }
    }}.detach();
}

// Two on a page, so that clients have to turn it.
void small_node::list(const exchange& what) {
    auto all = machine_.list();
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const auto cursor = query_of(what->asked(), "cursor");
    std::erase_if(all, [&](const auto& one) { return one.id <= cursor; });
    nlohmann::json page{{"items", nlohmann::json::array()}, {"next", nullptr}};
    for (std::size_t i = 0; i < all.size() && i < 2; ++i) {
        page["items"].push_back(to_json_value(all[i]));
        if (i == 1 && all.size() > 2)
            page["next"] = all[i].id;
    }
    what->answer(as_json(200, page));
}

void small_node::handle_environment(const exchange& what, const std::string& environment,
                                    const std::string& action) {
    const auto& asked = what->asked();
    if (action.empty())
        return host_->find(environment, answer_with<environment_info>(what));
    if (action == "DELETE")
        return host_->destroy(environment, query_of(asked, "force") == "true",
                              [what](outcome<teardown_receipt> receipt) {
                                  if (!receipt)
                                      return what->answer(rest::problem(receipt.error()));
                                  what->answer(as_json(200, to_json_value(*receipt)));
                              });
    if (action == "/execute")
        return execute(what, environment);
    if (action == "/install")
        return host_->install(environment, body_of<install_request>(asked),
                              answer_with<install_result>(what));
    if (action == "/uninstall")
        return host_->uninstall(environment, body_of<uninstall_request>(asked),
                                answer_with<install_result>(what));
    if (action == "/packages")
        return host_->packages(environment, answer_with<std::vector<installed_package>>(what));
    if (action == "/touch")
        return host_->touch(environment, answer_with<void>(what));
    if (action == "/events")
        return host_->history(environment, 1000, answer_with<std::vector<runtime_event>>(what));
    if (action == "/usage")
        return host_->usage(environment, answer_with<usage_sample>(what));
    if (action == "/processes")
        return host_->processes(environment, std::stoul(query_of(asked, "most")),
                                answer_with<process_list>(what));
    host_->usage_history(environment, 720, answer_with<std::vector<usage_sample>>(what));
}

void small_node::execute(const exchange& what, const std::string& environment) {
    if (what->asked().headers.find("Upgrade") == nullptr)
        return host_->execute(
            environment, body_of<command_spec>(what->asked()), {}, [what](outcome<operation_result> result) {
                if (!result)
                    return what->answer(rest::problem(result.error()));
                if (result->timed_out)
                    return what->answer(rest::problem({error_code::command_timed_out, "too late", {}, {}},
                                                      {{"result", to_json_value(*result)}}));
                what->answer(as_json(200, to_json_value(*result)));
            });
    host_->find(environment, [this, what, environment](const outcome<environment_info>& found) {
        if (!found)
            return what->answer(rest::problem(found.error()));
        what->upgrade("gestvenv-exec", [this, environment](descriptor socket) {
            commands_->serve(
                std::move(socket),
                [host = host_, environment](command_spec command, output_receiver with, auto done) {
                    host->execute(environment, std::move(command), std::move(with), std::move(done));
                },
                [](command_link& command) { command.kill(std::chrono::milliseconds{0}); });
        });
    });
}

} // namespace gestvenv::test
