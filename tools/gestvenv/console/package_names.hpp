// SPDX-License-Identifier: MIT
// The packages of environments, as a console completes them.
#pragma once

#include "tools/gestvenv/console/console.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

/// Asks the node once for each environment, for a backend may take longer than a key may. Nothing where it does not answer:
/// the next command says why. Ctrl-C ends the wait.
class package_names {
public:
    explicit package_names(console& of) : console_(of) {}

    /// Of the environment that is used, for an empty name.
    std::vector<std::string> of(const std::string& environment);
    /// They may have changed.
    void forget() { known_.clear(); }

private:
    std::vector<std::string> ask(const std::string& environment);

    console& console_;
    std::vector<std::pair<std::string, std::vector<std::string>>> known_;
};

} // namespace gestvenv::cli
