// SPDX-License-Identifier: MIT
// Where uv and pip are. Starts nothing: looks at files.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace gestvenv::python {

/// Where tools are looked for.
struct tools_folder {
    /// A virtual environment that holds them (`bin/uv`, `bin/pip`); looked at first, need not exist.
    std::filesystem::path folder;
    /// Then its PATH; shims of pyenv are resolved, not returned.
    search_context search;
};

/// `explicit_folder` where one is given, else GESTVENV_TOOLS, else
/// `${XDG_DATA_HOME:-~/.local/share}/gestvenv/tools`.
tools_folder find_tools_folder(const search_context& context,
                               const std::filesystem::path& explicit_folder = {});

/// The absolute path of a tool (`uv`, `pip`). Error: backend_not_found, with the command that supplies it.
outcome<std::filesystem::path> find_tool(const tools_folder& tools, std::string_view tool);

} // namespace gestvenv::python
