// SPDX-License-Identifier: MIT
#include "system/python/backends/package_arguments.hpp"

#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace gestvenv::python {

namespace {

bool standard_input_is_free(const backend_request& request, const tool_command& command) {
    return command.standard_input.empty() &&
           std::none_of(request.requirements_files.begin(), request.requirements_files.end(),
                        [](const auto& file) { return file.path == "/dev/stdin"; });
}

} // namespace

void add_packages(const backend_request& request, tool_command& command) {
    auto texts = texts_of(request.packages);
    const bool secret = std::any_of(texts.begin(), texts.end(),
                                    [](const std::string& text) { return without_secrets(text) != text; });
    if (!secret || !standard_input_is_free(request, command)) {
        command.arguments.emplace_back("--");
        std::ranges::move(texts, std::back_inserter(command.arguments));
        return;
    }
    command.arguments.insert(command.arguments.end(), {"-r", "/dev/stdin"});
    for (const auto& text : texts)
        command.standard_input += text + "\n";
}

} // namespace gestvenv::python
