// SPDX-License-Identifier: MIT
#include "tools/bench/rows/peers.hpp"

namespace gestvenv::bench {

std::vector<std::string> uv_venv(const context& shared, const std::filesystem::path& folder) {
    return {shared.uv->string(), "venv",      "--quiet",  "--no-config",
            "--no-project",      "--offline", "--python", shared.python.string(),
            folder.string()};
}

std::vector<std::string> python_venv(const context& shared, const std::filesystem::path& folder) {
    return {shared.python.string(), "-m", "venv", "--without-pip", folder.string()};
}

} // namespace gestvenv::bench
