// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/artifact_pattern.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <utility>

namespace gestvenv::cli {

namespace {

// What a path may have, with its final NUL (PATH_MAX).
constexpr std::size_t longest_pattern = 4095;

constexpr std::string_view any_folders = "**";

tl::unexpected<error> refuse(std::string message) {
    return failure(error_code::invalid_argument, std::move(message),
                   "a pattern names files below the environment's work folder: dist/*.whl, **/*.xml, report");
}

} // namespace

outcome<artifact_pattern> artifact_pattern::parse(std::string_view text) {
    artifact_pattern pattern;
    pattern.text_ = text;
    while (text.size() > 1 && text.back() == '/')
        text.remove_suffix(1);
    if (text.empty() || text.size() > longest_pattern || text.find('\0') != std::string_view::npos)
        return refuse("the pattern is empty or too long");
    if (text.front() == '/')
        return refuse("the pattern is not relative");
    while (true) {
        auto slash = text.find('/');
        auto component = text.substr(0, slash);
        if (component.empty() || component == "." || component == "..")
            return refuse("the pattern has an empty component, . or ..");
        pattern.components_.emplace_back(component);
        if (slash == std::string_view::npos)
            break;
        text.remove_prefix(slash + 1);
    }
    auto last = pattern.components_.end() - 1;
    pattern.fixed_ = static_cast<std::size_t>(std::find_if(pattern.components_.begin(), last,
                                                           [](const auto& component) {
                                                               return component.find_first_of("*?[\\") !=
                                                                      std::string::npos;
                                                           }) -
                                              pattern.components_.begin());
    return pattern;
}

void artifact_pattern::add(position& where, std::size_t component) const {
    // `**` stands for no folder, too.
    while (true) {
        where.push_back(component);
        if (component == components_.size() || components_[component] != any_folders)
            return;
        ++component;
    }
}

artifact_pattern::position artifact_pattern::begin() const {
    position here;
    add(here, 0);
    return here;
}

artifact_pattern::position artifact_pattern::after(const position& here, const std::string& name) const {
    position next;
    for (auto component : here) {
        if (component == components_.size())
            continue;
        if (components_[component] == any_folders) {
            if (name.front() != '.')
                add(next, component);
        } else if (::fnmatch(components_[component].c_str(), name.c_str(), FNM_PERIOD) == 0) {
            add(next, component + 1);
        }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    return next;
}

bool artifact_pattern::matches(const position& here) const {
    return !here.empty() && here.back() == components_.size();
}

} // namespace gestvenv::cli
