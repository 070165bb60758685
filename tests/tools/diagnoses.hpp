// SPDX-License-Identifier: MIT
// Diagnoses of machines that there are not.
#pragma once

#include "tools/gestvenv/doctor/diagnosis.hpp"

namespace gestvenv::test {

/// Two interpreters, two backends; everything works with the default, nothing with the other.
inline cli::diagnosis half_a_machine() {
    using state = cli::installation::state;
    cli::diagnosis found;
    found.abilities = {
        {cli::ability::group::processes, "pid namespace", true, false, "all end with it", {}},
        {cli::ability::group::storage, "tmpfs", true, true, "a tmpfs for each environment", {}},
        {cli::ability::group::limits, "max_memory", false, false, "", {"there is no cgroup", "mount it"}},
    };
    found.interpreters = {{"3.12.1", "/usr/bin/python3", "/usr/bin/python3", true, true, {}},
                          {"3.8.18", "/opt/python3.8", "/opt/python3.8", false, false, {}}};
    found.backends = {{backend::uv, true, "/tools/bin/uv", {}},
                      {backend::pdm, false, "", {"pdm is not installed", "tools/bootstrap"}}};
    found.installations = {
        {backend::uv, 0, state::works, std::chrono::duration<double>{0.8123456}, {}},
        {backend::pdm, 0, state::fails, {}, {"pdm is not installed", "tools/bootstrap"}},
        {backend::uv, 1, state::fails, {}, {"no wheel", ""}},
        {backend::pdm, 1, state::unsupported, {}, {"pdm does not support Python 3.8", ""}},
    };
    return found;
}

} // namespace gestvenv::test
