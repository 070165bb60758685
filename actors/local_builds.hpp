// SPDX-License-Identifier: MIT
// What an installation builds from folders of this machine, and how those are kept as they are.
#pragma once

#include "actors/services.hpp"
#include "system/isolation/overlay.hpp"
#include "system/python/backends/backend.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv {

struct local_builds {
    overlay_wish overlays;
    /// What is built without an overlay, in a sentence each.
    std::vector<std::string> notes;
};

/// For an installation that is about to be described; fills in `request.local_names` and TMPDIR. Costs
/// nothing where nothing local is asked for.
local_builds prepare_local_builds(const services& shared, const package_job& job,
                                  const python::package_backend& tool, python::backend_request& request,
                                  std::uint64_t command);

/// `notes` on folders without an overlay, for the user: with what becomes of them instead.
std::vector<std::string> for_user(std::vector<std::string> notes, const package_job& job,
                                  const python::package_backend& tool);

} // namespace gestvenv
