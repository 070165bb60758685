#include "actors/supervisor.hpp"

#include "actors/environment.hpp"
#include "messages/caf_error.hpp"
#include "messages/validation.hpp"
#include "system/python/requirement.hpp"
#include "system/random_identifier.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>

namespace gestvenv {

namespace {

// Shorter prefixes of an id are taken for names.
constexpr std::size_t shortest_prefix = 4;

caf::timespan creation_limit(const environment_spec& spec) {
    caf::timespan limit = limits::creation;
    if (!spec.packages.empty() || spec.requirements_file)
        limit += install_request{}.timeout;
    return limit;
}

// What this version does not do is refused, not ignored. For a completed specification.
outcome<void> check_supported(const environment_spec& spec) {
    auto refuse = [](std::string message, std::string hint) {
        return failure(error_code::isolation_unavailable, std::move(message), std::move(hint));
    };
    if (*spec.isolation != isolation_level::process)
        return refuse("isolation level '" + std::string{to_string(*spec.isolation)} +
                          "' is not available in this version",
                      "use isolation level 'process'");
    if (*spec.security == security_mode::sandboxed)
        return refuse("security mode 'sandboxed' is not available in this version",
                      "use 'restricted', and run only code you trust with your files");
    const auto& limits = spec.resource_limits;
    const resource_limits defaults;
    auto unenforced = [&refuse](const char* field) {
        return refuse(std::string{"the limit "} + field + " cannot be enforced in this version",
                      "leave it out");
    };
    if (limits.max_memory)
        return unenforced("max_memory");
    if (limits.max_cpu_percent)
        return unenforced("max_cpu_percent");
    if (limits.max_processes != defaults.max_processes)
        return unenforced("max_processes");
    if (limits.max_threads != defaults.max_threads)
        return unenforced("max_threads");
    if (!limits.network_access)
        return refuse("an environment without network cannot be made in this version",
                      "leave network_access on");
    return {};
}

} // namespace

supervisor_behavior::supervisor_behavior(pointer self, std::shared_ptr<services> shared)
    : self_(self), shared_(std::move(shared)), admission_(shared_->config) {}

supervisor_actor::behavior_type supervisor_behavior::make_behavior() {
    end_on_exception(self_);
    return {[this](create_atom, environment_spec& spec) { return create(std::move(spec)); },
            [this](execute_atom, const std::string& wanted,
                   command_spec& command) -> caf::result<operation_result> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, execute_atom_v, std::move(command));
            },
            [this](install_atom, const std::string& wanted,
                   install_request& request) -> caf::result<install_result> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, install_atom_v, std::move(request));
            },
            [this](destroy_atom, const std::string& wanted, cleanup_reason reason, bool force) {
                return destroy(wanted, reason, force);
            },
            [this](find_atom, const std::string& wanted) -> caf::result<environment_info> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, children_.at(*found).actor, find_atom_v);
            },
            [this](list_atom) -> caf::result<std::vector<environment_info>> {
                auto done = self_->make_response_promise<std::vector<environment_info>>();
                auto all = std::make_shared<std::vector<environment_info>>();
                auto left = std::make_shared<std::size_t>(children_.size());
                if (*left == 0)
                    done.deliver(*all);
                auto one_less = [done, all, left]() mutable {
                    if (--*left == 0)
                        done.deliver(std::move(*all));
                };
                for (auto& [id, item] : children_)
                    caf_compat::request(self_, item.actor, limits::step, find_atom_v)
                        .then(
                            [all, one_less](environment_info& info) mutable {
                                all->push_back(std::move(info));
                                one_less();
                            },
                            // It ended while it was being asked: it is no longer in the list.
                            [one_less](const caf::error&) mutable { one_less(); });
                return done;
            },
            [this](child_atom, const std::string& wanted) -> caf::result<environment_actor> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return children_.at(*found).actor;
            },
            [this](shutdown_atom, cleanup_reason reason) { return shut_down(reason); },
            [this](launcher_lost_atom) -> caf::result<void> {
                launcher_lost();
                return {};
            },
            [this](child_down_atom, const std::string& id, std::uint64_t incarnation,
                   const std::string&) -> caf::result<void> {
                auto found = children_.find(id);
                if (found != children_.end() && found->second.incarnation == incarnation &&
                    (found->second.now == stage::creating || found->second.now == stage::alive)) {
                    found->second.now = stage::ending;
                    tear_down(id, cleanup_reason::actor_crashed);
                }
                return {};
            },
            [this](torn_down_atom, const teardown_receipt& receipt) -> caf::result<void> {
                torn_down(receipt.environment_id, receipt);
                return {};
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

// --- looking up
// ---------------------------------------------------------------------------------------------------

outcome<std::string> supervisor_behavior::find(const std::string& wanted) const {
    if (children_.contains(wanted))
        return wanted;
    std::vector<std::string> matches;
    for (const auto& [id, item] : children_) {
        if (item.environment_name == wanted)
            return id;
        if (wanted.size() >= shortest_prefix && id.starts_with(wanted))
            matches.push_back(id);
    }
    if (matches.size() == 1)
        return matches.front();
    if (!matches.empty())
        return failure(error_code::environment_not_found,
                       "'" + wanted + "' is the beginning of " + std::to_string(matches.size()) +
                           " environments' ids",
                       "give more of the id");
    return failure(error_code::environment_not_found, "there is no environment '" + wanted + "'",
                   "list shows those there are");
}

outcome<environment_actor> supervisor_behavior::find_alive(const std::string& wanted) const {
    auto id = find(wanted);
    if (!id)
        return failure(id.error());
    const auto& item = children_.at(*id);
    if (item.now == stage::alive)
        return item.actor;
    if (item.now == stage::creating)
        return failure(error{error_code::illegal_transition, "the environment is still being created",
                             item.environment_name, "wait until it is ready"});
    return failure(
        error{error_code::environment_gone, "the environment is being torn down", item.environment_name, {}});
}

// --- creation
// -----------------------------------------------------------------------------------------------------

outcome<environment_spec> supervisor_behavior::complete(environment_spec spec) const {
    if (auto valid = validate(spec); !valid)
        return failure(valid.error());
    if (auto valid = python::validate_packages(spec.packages); !valid)
        return failure(valid.error());
    const auto& config = shared_->config;
    spec.isolation = spec.isolation.value_or(config.default_isolation_level);
    spec.security = spec.security.value_or(config.default_security_mode);
    spec.storage_backend = spec.storage_backend.value_or(config.storage_backend);
    if (auto supported = check_supported(spec); !supported)
        return failure(supported.error());
    for (const auto& [id, item] : children_)
        if (!spec.name.empty() && item.environment_name == spec.name)
            return failure(error{error_code::name_in_use,
                                 "an environment named '" + spec.name + "' exists already", spec.name,
                                 "choose another name, or destroy that one first"});
    return spec;
}

caf::result<environment_info> supervisor_behavior::create(environment_spec wanted) {
    if (shutting_down_)
        return to_caf_error({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    auto spec = complete(std::move(wanted));
    if (!spec)
        return to_caf_error(spec.error());
    auto id = random_identifier();
    if (spec->name.empty())
        spec->name = "env-" + id.substr(0, 8);
    if (auto reserved = admission_.reserve(id, reservation_for(*spec, *spec->storage_backend)); !reserved) {
        reserved.error().environment = spec->name;
        return to_caf_error(reserved.error());
    }
    // The reaper writes the intent while the environment's actor is set up.
    caf_compat::send_anonymously(shared_->reaper, intend_atom_v, storage_request_for(id, *spec));
    auto limit = creation_limit(*spec);
    child item;
    item.environment_name = spec->name;
    item.incarnation = next_incarnation_++;
    try {
        item.actor = spawn_environment(self_->system(), shared_, id, std::move(*spec));
    } catch (const std::exception& problem) {
        // A throwing constructor throws out of spawn; nothing has been made yet.
        admission_.release(id);
        return to_caf_error({error_code::creation_failed,
                             std::string{"the environment's actor cannot be started: "} + problem.what(),
                             item.environment_name,
                             {}});
    }
    caf_compat::on_down(item.actor, [supervisor = supervisor_actor{self_}, id,
                                     incarnation = item.incarnation](const caf::error& reason) {
        caf_compat::send_anonymously(supervisor, child_down_atom_v, id, incarnation, to_string(reason));
    });
    auto actor = item.actor;
    children_.emplace(id, std::move(item));
    auto done = self_->make_response_promise<environment_info>();
    caf_compat::request(self_, actor, limit, create_atom_v)
        .then([this, id, done](environment_info& info) { created(id, done, std::move(info)); },
              [this, id, done](const caf::error& reason) mutable {
                  // Answered when nothing half-made is left.
                  end(id, cleanup_reason::failed_state,
                      [done, reason](const teardown_receipt&) mutable { done.deliver(reason); });
              });
    return done;
}

void supervisor_behavior::created(const std::string& id, caf::typed_response_promise<environment_info> done,
                                  environment_info info) {
    auto found = children_.find(id);
    if (found == children_.end() || found->second.now != stage::creating)
        return done.deliver(to_caf_error({error_code::environment_gone,
                                          "the environment was ended while it was being created",
                                          info.name,
                                          {}}));
    found->second.now = stage::alive;
    done.deliver(std::move(info));
}

// --- the end
// ------------------------------------------------------------------------------------------------------

caf::result<teardown_receipt> supervisor_behavior::destroy(const std::string& wanted, cleanup_reason reason,
                                                           bool force) {
    auto id = find(wanted);
    if (!id)
        return to_caf_error(id.error());
    auto done = self_->make_response_promise<teardown_receipt>();
    auto& item = children_.at(*id);
    auto finish = [done](const teardown_receipt& receipt) mutable { done.deliver(receipt); };
    if (force || item.now != stage::alive) {
        end(*id, reason, finish);
        return done;
    }
    // Only the environment knows whether it is busy; its answer and its refusal of new work are one step.
    caf_compat::request(self_, item.actor, limits::step, stop_atom_v, false)
        .then([this, id = *id, reason, finish](bool) { end(id, reason, finish); },
              [this, id = *id, reason, finish, done](const caf::error& problem) mutable {
                  if (from_caf_error(problem).code == error_code::environment_busy)
                      return done.deliver(problem);
                  end(id, reason, finish);
              });
    return done;
}

void supervisor_behavior::end(const std::string& id, cleanup_reason reason, receipt_handler done) {
    auto found = children_.find(id);
    if (found == children_.end()) {
        teardown_receipt receipt;
        receipt.environment_id = id;
        receipt.reason = reason;
        return done(receipt);
    }
    auto& item = found->second;
    if (item.now == stage::stuck)
        return done(item.last);
    item.waiting.push_back(std::move(done));
    if (item.now == stage::ending)
        return;
    item.now = stage::ending;
    // Its answer is of no interest: what cannot hear us is torn down all the same.
    caf_compat::send_anonymously(item.actor, stop_atom_v, true);
    tear_down(id, reason);
}

void supervisor_behavior::tear_down(const std::string& id, cleanup_reason reason) {
    const auto& item = children_.at(id);
    caf_compat::send_anonymously(shared_->scheduler, forget_atom_v, id);
    caf_compat::request(self_, shared_->reaper, limits::teardown, tear_down_atom_v, id, item.environment_name,
                        reason, caf::timespan{limits::grace})
        .then([this, id](const teardown_receipt& receipt) { torn_down(id, receipt); },
              [this, id, reason](const caf::error& problem) {
                  teardown_receipt receipt;
                  receipt.environment_id = id;
                  receipt.reason = reason;
                  receipt.residue.push_back({"environment", id, from_caf_error(problem).message});
                  torn_down(id, receipt);
              });
}

void supervisor_behavior::torn_down(const std::string& id, const teardown_receipt& receipt) {
    auto found = children_.find(id);
    if (found == children_.end())
        return;
    auto waiting = std::exchange(found->second.waiting, {});
    if (receipt.clean()) {
        admission_.release(id);
        caf_compat::send_anonymously(found->second.actor, forget_atom_v);
        children_.erase(found);
    } else {
        // The reservation stays: what is left still takes room. The reaper goes on.
        found->second.now = stage::stuck;
        found->second.last = receipt;
    }
    for (auto& item : waiting)
        item(receipt);
}

caf::result<std::vector<teardown_receipt>> supervisor_behavior::shut_down(cleanup_reason reason) {
    shutting_down_ = true;
    auto done = self_->make_response_promise<std::vector<teardown_receipt>>();
    auto receipts = std::make_shared<std::vector<teardown_receipt>>();
    auto left = std::make_shared<std::size_t>(children_.size());
    if (*left == 0)
        done.deliver(*receipts);
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids)
        end(id, reason, [done, receipts, left](const teardown_receipt& receipt) mutable {
            receipts->push_back(receipt);
            if (--*left == 0)
                done.deliver(std::move(*receipts));
        });
    return done;
}

void supervisor_behavior::launcher_lost() {
    // First a new launcher, then the environments one by one through it: their processes are dead, their
    // folders not.
    auto end_all = [this] {
        std::vector<std::string> ids;
        for (const auto& [id, item] : children_)
            ids.push_back(id);
        for (const auto& id : ids)
            end(id, cleanup_reason::launcher_crashed, [](const teardown_receipt&) {});
    };
    caf_compat::request(self_, shared_->reaper, limits::step, launcher_lost_atom_v)
        .then(end_all, [end_all](const caf::error&) { end_all(); });
}

supervisor_actor spawn_supervisor(caf::actor_system& system, std::shared_ptr<services> shared) {
    return system.spawn<supervisor_actor::stateful_impl<supervisor_behavior>>(std::move(shared));
}

} // namespace gestvenv
