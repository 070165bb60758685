// Where uv and pip are. Starts nothing: looks at files.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// The folders where tools are looked for, in order.
struct tools_folder {
    /// Folders with a `bin` inside (virtual environments that hold the tools), best first.
    std::vector<std::filesystem::path> folders;
    /// Then PATH; shims of pyenv are resolved, not returned.
    search_context search;
};

/// `explicit_folder` alone where it is given; else GESTVENV_TOOLS where that is set, else
/// `${XDG_DATA_HOME:-~/.local/share}/gestvenv/tools`; and PATH after it.
tools_folder find_tools_folder(const search_context& context,
                               const std::filesystem::path& explicit_folder = {});

/// The absolute path of a tool (`uv`, `pip`). Error: backend_not_found, with the command that supplies it.
outcome<std::filesystem::path> find_tool(const tools_folder& tools, std::string_view tool);

} // namespace gestvenv::python
