#include "actors/supported.hpp"

#include <string>
#include <utility>

namespace gestvenv {

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

} // namespace gestvenv
