// SPDX-License-Identifier: MIT
#include <gestvenv/client.hpp>

#include "net/client/client_core.hpp"
#include "net/client/system_info.hpp"
#include "runtime/host_paths.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::size_t most_events = 1000;

template <class T>
T value_or_throw(outcome<T> value) {
    if (!value)
        throw_as_exception(value.error());
    return std::move(*value);
}

} // namespace

client::client(client_options options) : core_(std::make_shared<client_core>(std::move(options))) {}

client::~client() {
    core_->close();
}

void client::cancel() noexcept {
    core_->cancel();
}

environment client::create(environment_spec spec) {
    return create_async(std::move(spec)).get();
}

environment client::create(environment_spec spec, std::stop_token stop) {
    return create_async(std::move(spec), std::move(stop)).get();
}

std::future<environment> client::create_async(environment_spec spec, std::stop_token stop) {
    core_->throw_if_forked();
    if (core_->is_local())
        spec = checked_specification(std::move(spec));
    return future_answer<environment_info>(
        [&](auto done) { core_->create(std::move(spec), std::move(stop), std::move(done)); },
        [core = core_](environment_info made) {
            return environment{core, std::move(made.id), true};
        });
}

std::vector<environment_info> client::list() const {
    core_->throw_if_forked();
    return value_or_throw(core_->list());
}

environment_info client::find(std::string_view wanted) const {
    core_->throw_if_forked();
    return wait_for_answer<environment_info>(
        [&](auto done) { core_->find(std::string{wanted}, std::move(done)); });
}

environment client::attach(std::string_view wanted) {
    return environment{core_, find(wanted).id, false};
}

teardown_receipt client::cleanup(std::string_view wanted, bool force) {
    core_->throw_if_forked();
    auto receipt = wait_for_answer<teardown_receipt>(
        [&](auto done) { core_->destroy(std::string{wanted}, force, std::move(done)); });
    throw_if_residue(receipt);
    return receipt;
}

std::vector<teardown_receipt> client::shutdown() {
    core_->throw_if_forked();
    return core_->shut_down();
}

std::vector<teardown_receipt> client::cleanup_all() {
    core_->throw_if_forked();
    return value_or_throw(core_->ask<std::vector<teardown_receipt>>("DELETE", "/ephemeral/cleanup-all",
                                                                    node_link::patience::work));
}

runtime_abilities client::abilities() const {
    core_->throw_if_forked();
    return value_or_throw(core_->system_info()).abilities;
}

runtime_config client::configuration() const {
    core_->throw_if_forked();
    return value_or_throw(core_->system_info()).configuration;
}

std::vector<runtime_event> client::events(std::size_t most, std::string_view environment_id) const {
    core_->throw_if_forked();
    if (!environment_id.empty())
        return wait_for_answer<std::vector<runtime_event>>(
            [&](auto done) { core_->history(std::string{environment_id}, most, std::move(done)); });
    if (most == 0)
        return {};
    return value_or_throw(core_->ask<std::vector<runtime_event>>(
        "GET", fmt::format("/events?most={}", std::min(most, most_events))));
}

resource_usage client::usage() const {
    core_->throw_if_forked();
    return value_or_throw(core_->ask<resource_usage>("GET", "/ephemeral/stats"));
}

std::string client::tree() const {
    core_->throw_if_forked();
    return value_or_throw(core_->ask<nlohmann::json>("GET", "/system/tree")).dump();
}

} // namespace gestvenv
