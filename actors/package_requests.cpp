// SPDX-License-Identifier: MIT
#include "actors/package_requests.hpp"

#include "messages/validation.hpp"
#include "system/python/requirement.hpp"

#include <utility>

namespace gestvenv {

namespace {

template <class Request>
outcome<package_request> with_packages_of(const Request& request) {
    return validate(request)
        .and_then([&request] { return python::validate_packages(request.packages); })
        .map([&request](std::vector<python::requirement> packages) {
            package_request result;
            result.packages = std::move(packages);
            result.timeout = request.timeout;
            result.install_context = request.install_context;
            return result;
        });
}

} // namespace

outcome<package_request> checked(install_request request) {
    auto result = with_packages_of(request);
    if (!result)
        return result;
    result->requirements_files = std::move(request.requirements_files);
    result->project = std::move(request.project);
    result->upgrade = request.upgrade;
    result->offline = request.offline;
    return result;
}

outcome<package_request> checked(const uninstall_request& request) {
    return with_packages_of(request);
}

} // namespace gestvenv
