// SPDX-License-Identifier: MIT
// The options of an environment, for each command that makes one.
#pragma once

#include "tools/gestvenv/ephemeral/creation_request.hpp"

#include <gestvenv/error.hpp>
#include <gestvenv/project_source.hpp>

#include <optional>
#include <string_view>

namespace gestvenv::cli {

/// What the help says where commands differ.
struct creation_wording {
    std::string_view ttl;
    std::string_view max_idle_time;
};

void add_project_options(option_table& table, std::optional<project_source>& project, std::string_view group);
/// That its parts go with a project.
outcome<void> check_project_options(const std::optional<project_source>& project);
void add_content_options(option_table& table, environment_spec& spec);
void add_limit_options(option_table& table, creation_request& request, const creation_wording& wording);
void add_tag_option(option_table& table, environment_spec& spec);

/// What the options cannot be asked one by one: that they agree with each other, and that what they add up to can be
/// made.
outcome<void> check_creation(creation_request& request);

/// An error that begins with the name of a field begins with that of its option instead.
error in_terms_of_options(error problem);

} // namespace gestvenv::cli
