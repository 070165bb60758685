// SPDX-License-Identifier: MIT
#include <gestvenv/runtime.hpp>

#include "runtime/ask.hpp"
#include "runtime/host_paths.hpp"
#include "runtime/runtime_core.hpp"
#include "system/random_identifier.hpp"

#include <gestvenv/exceptions.hpp>

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>

namespace gestvenv {

runtime::runtime() : runtime(runtime_options{}) {}

runtime::runtime(runtime_options options) : core_(std::make_shared<runtime_core>(std::move(options))) {}

runtime::~runtime() {
    // Environments that the host still holds keep the core's memory; everything in it ends here all the same.
    core_->close();
    if (core_->ends_with_process())
        static_cast<void>(new std::shared_ptr<runtime_core>{core_});
}

namespace {

// Takes a creation back when it is asked to, until it is answered.
class cancellation {
public:
    cancellation(const std::shared_ptr<runtime_core>& core, std::string id, const std::stop_token& stop)
        : callback_(stop, [core = std::weak_ptr{core}, id = std::move(id)] {
              if (auto living = core.lock())
                  living->tell(cancel_atom_v, id);
          }) {}

private:
    std::stop_callback<std::function<void()>> callback_;
};

} // namespace

environment runtime::create(environment_spec spec) {
    core_->throw_if_forked();
    auto info = core_->ask<environment_info>(create_atom_v, random_identifier(),
                                             checked_specification(std::move(spec)));
    return environment{core_, std::move(info.id), true};
}

environment runtime::create(environment_spec spec, std::stop_token stop) {
    return create_async(std::move(spec), std::move(stop)).get();
}

std::future<environment> runtime::create_async(environment_spec spec, std::stop_token stop) {
    core_->throw_if_forked();
    spec = checked_specification(std::move(spec));
    if (stop.stop_requested()) {
        std::promise<environment> taken_back;
        taken_back.set_exception(std::make_exception_ptr(
            ephemeral_exception{{error_code::cancelled, "the creation was taken back", {}, {}}}));
        return taken_back.get_future();
    }
    auto id = random_identifier();
    // Filled below, when the question has been sent, and held by it until the answer.
    auto taking_back = std::make_shared<std::optional<cancellation>>();
    auto future = core_->ask_async<environment_info, environment>(
        [core = core_, held = taking_back](environment_info info) {
            static_cast<void>(held);
            return environment{core, std::move(info.id), true};
        },
        create_atom_v, id, std::move(spec));
    if (stop.stop_possible())
        taking_back->emplace(core_, id, stop);
    return future;
}

std::vector<environment_info> runtime::list() const {
    return core_->ask<std::vector<environment_info>>(list_atom_v);
}

environment_info runtime::find(std::string_view wanted) const {
    return core_->ask<environment_info>(find_atom_v, std::string{wanted});
}

environment runtime::attach(std::string_view wanted) {
    return environment{core_, find(wanted).id, false};
}

teardown_receipt runtime::cleanup(std::string_view wanted, bool force) {
    auto receipt =
        core_->ask<teardown_receipt>(destroy_atom_v, std::string{wanted}, cleanup_reason::requested, force);
    throw_if_residue(receipt);
    return receipt;
}

std::vector<teardown_receipt> runtime::cleanup_orphans() {
    return core_->cleanup_orphans();
}

std::vector<teardown_receipt> runtime::shutdown() {
    core_->throw_if_forked();
    return core_->shut_down();
}

runtime_abilities runtime::abilities() const {
    return core_->abilities();
}

void runtime::configure(runtime_config config) {
    core_->ask<void>(configure_atom_v, std::move(config));
}

runtime_config runtime::configuration() const {
    return core_->configuration();
}

std::vector<runtime_event> runtime::events(std::size_t most, std::string_view environment_id) const {
    return core_->events(most, environment_id);
}

std::vector<crash_report> runtime::crash_reports() const {
    return core_->ask<std::vector<crash_report>>(crash_atom_v);
}

resource_usage runtime::usage() const {
    return core_->ask<resource_usage>(usage_atom_v);
}

std::string runtime::tree() const {
    return core_->tree();
}

} // namespace gestvenv
