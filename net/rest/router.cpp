// SPDX-License-Identifier: MIT
#include "net/rest/router.hpp"

#include <cstddef>
#include <limits>
#include <optional>

namespace gestvenv::rest {

namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
    std::vector<std::string_view> parts;
    if (path == "/")
        return parts;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        auto end = path.find('/');
        parts.push_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    }
    return parts;
}

bool is_parameter(std::string_view part) {
    return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

std::optional<path_parameters> parameters_of(const std::vector<std::string_view>& parts,
                                             const std::vector<std::string>& path) {
    if (parts.size() != path.size())
        return {};
    path_parameters parameters;
    for (std::size_t place = 0; place < parts.size(); ++place) {
        auto part = parts[place];
        if (is_parameter(part))
            parameters.emplace(part.substr(1, part.size() - 2), path[place]);
        else if (part != path[place])
            return {};
    }
    return parameters;
}

} // namespace

router::router(std::span<const std::span<const route>> pages) {
    for (auto page : pages)
        for (const auto& one : page) {
            routes_.push_back(&one);
            entries_.push_back({&one, parts_of(one.path)});
        }
}

// A part that is written out wins against one in braces, whatever the method (OpenAPI 3.1, Paths Object): fewer
// parameters.
route_match router::find(std::string_view method, const std::vector<std::string>& path) const {
    route_match match;
    auto fewest = std::numeric_limits<std::size_t>::max();
    for (const auto& one : entries_) {
        auto parameters = parameters_of(one.parts, path);
        if (!parameters || parameters->size() > fewest)
            continue;
        if (parameters->size() < fewest) {
            fewest = parameters->size();
            match = {};
        }
        if (one.what->method != method && !(method == "HEAD" && one.what->method == "GET")) {
            match.other_methods.push_back(one.what->method);
            continue;
        }
        match.found = one.what;
        match.parameters = std::move(*parameters);
    }
    if (match.found != nullptr)
        match.other_methods.clear();
    return match;
}

} // namespace gestvenv::rest
