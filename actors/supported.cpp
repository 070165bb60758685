// SPDX-License-Identifier: MIT
#include "actors/supported.hpp"

#include "actors/admission.hpp"

#include <string>
#include <utility>

namespace gestvenv {

outcome<void> check_supported(const resolved_specification& spec, const protocol::greeting& host) {
    auto refuse = [](std::string message, std::string hint) {
        return failure(error_code::isolation_unavailable, std::move(message), std::move(hint));
    };
    if (spec.isolation != isolation_level::process)
        return refuse("isolation level '" + std::string{to_string(spec.isolation)} +
                          "' is not available in this version",
                      "use isolation level 'process'");
    if (spec.security == security_mode::sandboxed)
        return refuse("security mode 'sandboxed' is not available in this version",
                      "use 'restricted', and run only code you trust with your files");
    if (!spec.asked.resource_limits.network_access)
        return refuse("an environment without network cannot be made in this version",
                      "leave network_access on");
    if (spec.asked.strict && host.best != containment::pid_namespace && host.best != containment::cgroup)
        return refuse(
            "processes are held together as well as it goes here (containment '" +
                std::string{to_string(host.best)} + "'), and strict is asked for",
            "gestvenv doctor says what a pid namespace or a cgroup needs here; or leave strict out");
    return check_limits(host.limits, spec.asked.resource_limits);
}

resource_limits enforced_limits(const resolved_specification& spec) {
    auto limits = spec.asked.resource_limits;
    if (limits.max_memory)
        limits.max_memory = reservation_for(limits, spec.storage).memory;
    return limits;
}

} // namespace gestvenv
