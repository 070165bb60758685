// SPDX-License-Identifier: MIT
// Finds the route of a request.
#pragma once

#include "net/rest/route.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::rest {

/// The values of the parts in braces.
using path_parameters = std::map<std::string, std::string, std::less<>>;

struct route_match {
    const route* found = nullptr;
    path_parameters parameters;
    /// Methods that the path has, where it has not this one; empty: there is no such path.
    std::vector<std::string_view> other_methods;
};

class router {
public:
    /// Routes live as long as the program.
    explicit router(std::span<const std::span<const route>> pages);

    route_match find(std::string_view method, const std::vector<std::string>& path) const;
    /// All, in the order of the pages.
    const std::vector<const route*>& routes() const noexcept { return routes_; }

private:
    struct entry {
        const route* what = nullptr;
        std::vector<std::string_view> parts;
    };
    std::vector<const route*> routes_;
    std::vector<entry> entries_;
};

} // namespace gestvenv::rest
