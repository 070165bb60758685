// SPDX-License-Identifier: MIT
#include "system/python/backends/pdm.hpp"

#include "system/python/backends/scratch_project.hpp"

#include <array>
#include <string>
#include <string_view>

namespace gestvenv::python {

namespace {

constexpr std::array<std::string_view, 12> passed{
    "PDM_CACHE_DIR",       "PDM_NO_CACHE",           "PDM_CONFIG_FILE",      "PDM_IGNORE_STORED_INDEX",
    "PDM_REQUEST_TIMEOUT", "PDM_RESOLVE_MAX_ROUNDS", "PDM_BUILD_ISOLATION",  "PDM_NO_BINARY",
    "PDM_ONLY_BINARY",     "PDM_PREFER_BINARY",      "PDM_INSTALL_PARALLEL", "PDM_PYPI_*"};

class pdm final : public scratch_project_backend {
public:
    backend kind() const noexcept override { return backend::pdm; }
    std::string_view lock_file() const noexcept override { return "pdm.lock"; }
    // With the versions it was made with: its newest release does not work with the newest of one of them.
    std::string_view requirement() const noexcept override { return "'pdm[locked]'"; }
    std::string_view cache_variable() const noexcept override { return "PDM_CACHE_DIR"; }
    tool_variables variables() const noexcept override { return {passed}; }
    bool leaves_out(const project_file& project) const noexcept override {
        return project.pdm_package == false;
    }

protected:
    bool builds_to_resolve() const noexcept override { return false; }
    bool takes_find_links() const noexcept override { return true; }
    // `[CandidateNotFound]: Unable to find ...`, and for a conflict `ERROR: Unable to find a resolution for
    // x` with the requirements that contradict each other below it.
    failure_summary summary_of(const tool_result& result) const override {
        failure_summary summary;
        bool in_conflict = false;
        for (const auto& line : lines_of(result.standard_error)) {
            std::string_view text{line};
            if (text.starts_with(build_label)) {
                summary.build_output.emplace_back(text.substr(build_label.size()));
            } else if (text.starts_with("error: ")) {
                summary.message = text.substr(7);
            } else if (text.starts_with("hint: ")) {
                summary.hint = text.substr(6);
            } else if (text.starts_with("ERROR: ")) {
                summary.message = text.substr(7);
                in_conflict = true;
            } else if (text.starts_with("To fix this") || text.starts_with("See ")) {
                in_conflict = false;
            } else if (in_conflict) {
                summary.message += ' ';
                summary.message += without_marks(line);
            } else if (auto end = text.find("]: ");
                       text.starts_with('[') && end != std::string_view::npos && summary.message.empty()) {
                summary.message = text.substr(end + 3);
            }
        }
        return summary;
    }
};

} // namespace

const package_backend& pdm_backend() {
    static const pdm instance;
    return instance;
}

} // namespace gestvenv::python
