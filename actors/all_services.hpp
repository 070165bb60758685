// SPDX-License-Identifier: MIT
// The services of a runtime, in the order in which they are started.
#pragma once

#include "actors/services.hpp"
#include "actors/supervision/service_supervisor.hpp"
#include "system/journal/journal.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gestvenv {

/// How each is started and supervised. `own_threads` false only in tests, where one thread runs everything.
std::vector<supervised_service> all_services(caf::actor_system& system, std::shared_ptr<services> shared,
                                             std::shared_ptr<journal> records, bool own_threads = true);

/// Tells the root supervisor, `shared->supervisor`, what happens to the services. `ready` is called once each
/// has been started, with the error of the first that could not be.
supervision_listener tell_supervisor(std::shared_ptr<const services> shared,
                                     std::function<void(outcome<void>)> ready = {});

} // namespace gestvenv
