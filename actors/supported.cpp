#include "actors/supported.hpp"

#include "actors/admission.hpp"

#include <string>
#include <utility>

namespace gestvenv {

outcome<void> check_supported(const environment_spec& spec, const limit_places& places) {
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
    if (!spec.resource_limits.network_access)
        return refuse("an environment without network cannot be made in this version",
                      "leave network_access on");
    return check_limits(places, spec.resource_limits);
}

resource_limits enforced_limits(const environment_spec& spec) {
    auto limits = spec.resource_limits;
    if (limits.max_memory)
        limits.max_memory = reservation_for(spec, *spec.storage_backend).memory;
    return limits;
}

} // namespace gestvenv
