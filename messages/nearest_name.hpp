// SPDX-License-Identifier: MIT
// "Did you mean": the nearest of the names there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// The name of `known` that `word` most likely stands for; none where nothing is near.
std::optional<std::string> nearest_name(std::string_view word, const std::vector<std::string>& known);

} // namespace gestvenv
