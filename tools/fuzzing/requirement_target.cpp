// SPDX-License-Identifier: MIT
// Requirements (PEP 508), one a line, alone and as a list for `install`.
#include "tools/fuzzing/check.hpp"

#include "system/python/requirement.hpp"
#include "system/python/wheels_only.hpp"

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::fuzzing;

namespace {

void check_one(const std::string& text) {
    auto parsed = python::parse_requirement(text);
    if (!parsed)
        return require_told(parsed.error());
    require(!parsed->name.empty() && parsed->name.front() != '-',
            "a requirement has a name, which is no option");
    require(parsed->specifiers.empty() || parsed->url.empty(), "a requirement has versions or a URL");
    auto name = python::normalized_name(parsed->name);
    require(python::normalized_name(name) == name, "a normalized name stays as it is");
    require(text.find('\0') == std::string::npos, "a requirement can be an argument");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    std::vector<std::string> items;
    for (std::size_t at = 0; at <= text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        items.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    check_one(std::string{text});
    for (const auto& item : items)
        check_one(item);
    if (auto all = python::validate_packages(items); !all)
        require_told(all.error());
    else if (auto wheels = python::check_wheels_only(*all); !wheels)
        require_told(wheels.error());
    auto split = python::split_install_items(items);
    if (!split)
        require_told(split.error());
    else
        require(split->packages.size() + 2 * split->requirements_files.size() == items.size(),
                "each item for `install` goes somewhere");
    return 0;
}
