// SPDX-License-Identifier: MIT
// A Python script with inline metadata.
#include "tools/fuzzing/check.hpp"

#include "tools/gestvenv/run/script_metadata.hpp"

#include <algorithm>

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(data, size);
    auto block = cli::find_metadata(text, "a.py");
    if (!block)
        require_told(block.error());
    else if (*block)
        require(static_cast<std::size_t>(
                    std::count((*block)->content.begin(), (*block)->content.end(), '\n')) > (*block)->line,
                "a block has content, at its lines");
    auto metadata = cli::read_metadata(text, "a.py");
    if (!metadata) {
        require_told(metadata.error());
        return 0;
    }
    require(!block || metadata->has_value() == block->has_value(), "what is read is what is there");
    if (*metadata)
        for (const auto& dependency : (*metadata)->dependencies)
            require(!dependency.empty() && dependency.front() != '-', "a dependency is no option");
    return 0;
}
