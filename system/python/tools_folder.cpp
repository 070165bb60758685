// SPDX-License-Identifier: MIT
#include "system/python/tools_folder.hpp"

#include "system/python/executable_file.hpp"
#include "system/python/pyenv.hpp"

#include <fmt/format.h>

namespace gestvenv::python {

namespace fs = std::filesystem;

tools_folder find_tools_folder(const search_context& context, const fs::path& explicit_folder) {
    tools_folder tools;
    tools.search = context;
    auto absolute = [&context](const fs::path& folder) {
        return (context.working_folder / folder).lexically_normal(); // an absolute one stays as it is
    };
    if (!explicit_folder.empty())
        tools.folder = absolute(explicit_folder);
    else if (!context.tools_folder.empty())
        tools.folder = absolute(context.tools_folder);
    else
        tools.folder = context.data_home / "gestvenv/tools";
    return tools;
}

outcome<fs::path> find_tool(const tools_folder& tools, std::string_view tool) {
    if (auto own = tools.folder / "bin" / tool; is_executable_file(own))
        return own;
    for (const auto& folder : tools.search.path) {
        auto file = folder / tool;
        if (!is_executable_file(file))
            continue;
        if (!is_pyenv_shim(file, tools.search))
            return file;
        if (auto resolved = resolve_pyenv_shim(tool, tools.search))
            return *resolved;
    }
    return failure(
        error_code::backend_not_found,
        fmt::format("{} is installed neither in {} nor in a folder of PATH", tool, tools.folder.string()),
        fmt::format("supply it with `python3 -m venv {0}` and `{0}/bin/pip install {1}`",
                    tools.folder.string(), tool));
}

} // namespace gestvenv::python
