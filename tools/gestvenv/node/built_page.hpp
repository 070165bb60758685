// SPDX-License-Identifier: MIT
// Whether the node that belongs to this program has its page.
#pragma once

#include "tools/gestvenv/doctor/diagnosis.hpp"

namespace gestvenv::cli {

/// A row of the diagnosis. The page is built where Node.js is (cmake/page.cmake).
ability page_of_node();

} // namespace gestvenv::cli
