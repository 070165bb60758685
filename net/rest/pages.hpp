// SPDX-License-Identifier: MIT
// All routes, by page.
#pragma once

#include "net/rest/route.hpp"

#include <span>

namespace gestvenv::rest {

/// Making, using and ending environments.
std::span<const route> environment_page();
/// What they use, and their processes.
std::span<const route> usage_page();
/// Commands and packages in them.
std::span<const route> work_page();
/// Files in and out of them.
std::span<const route> file_page();
/// A terminal in one of them.
std::span<const route> terminal_page();
/// What is under way.
std::span<const route> operation_page();
/// Events and receipts.
std::span<const route> event_page();
/// The node itself.
std::span<const route> system_page();
/// The page for a browser (net/page/).
std::span<const route> browser_page();

std::span<const std::span<const route>> all_pages();

} // namespace gestvenv::rest
