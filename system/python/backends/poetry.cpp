// SPDX-License-Identifier: MIT
#include "system/python/backends/poetry.hpp"

#include "system/python/backends/scratch_project.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

namespace {

constexpr std::array<std::string_view, 8> passed{
    "POETRY_CACHE_DIR",      "POETRY_CONFIG_DIR",     "POETRY_SYSTEM_GIT_CLIENT", "POETRY_HTTP_BASIC_*",
    "POETRY_CERTIFICATES_*", "POETRY_REPOSITORIES_*", "POETRY_REQUESTS_*",        "POETRY_INSTALLER_*"};

class poetry final : public scratch_project_backend {
public:
    backend kind() const noexcept override { return backend::poetry; }
    std::string_view lock_file() const noexcept override { return "poetry.lock"; }
    std::string_view cache_variable() const noexcept override { return "POETRY_CACHE_DIR"; }
    tool_variables variables() const noexcept override { return {passed}; }
    bool leaves_out(const project_file& project) const noexcept override {
        return project.poetry_package == false;
    }

protected:
    // What went wrong stands after the steps it has taken, in paragraphs without a mark; the first says it,
    // after the name of an exception where there is one.
    failure_summary summary_of(const tool_result& result) const override {
        failure_summary summary;
        auto lines = lines_of(result.standard_error);
        if (auto build = failed_build(lines); !build.message.empty())
            return build;
        for (const auto& line : lines) {
            auto text = without_marks(line);
            if (text.starts_with("error: ")) {
                const auto& last = lines.back(); // what our script has to say ends so
                return {std::string{text.substr(7)}, last.starts_with("hint: ") ? last.substr(6) : "", {}};
            }
            bool step =
                text.starts_with("Updating dependencies") || text.starts_with("Resolving dependencies") ||
                text.starts_with("Package operations:") || text.starts_with("- ") ||
                text.starts_with("Writing lock file") || text.starts_with("Using ") ||
                text.starts_with("Installing dependencies") || text.starts_with("Skipping virtualenv");
            if (step)
                continue;
            if (text.starts_with("Probable Causes") || text.starts_with("You can also run"))
                break;
            if (text.empty()) {
                // A paragraph of one word is the name of an exception.
                if (summary.message.find(' ') != std::string::npos)
                    break;
                summary.message.clear();
                continue;
            }
            if (!summary.message.empty())
                summary.message += ' ';
            summary.message += text;
        }
        // The project has no meaning to a user who asked for packages.
        constexpr std::string_view ours = "Because gestvenv-scratch depends on ";
        if (summary.message.starts_with(ours))
            summary.message.replace(0, ours.size(), "Because of ");
        return summary;
    }

private:
    // `PEP517 build of a dependency failed`, then the build's own words behind a mark; before it may stand
    // warnings of builds that went well.
    static failure_summary failed_build(const std::vector<std::string>& lines) {
        failure_summary summary;
        for (const auto& line : lines) {
            if (line.starts_with("PEP517 build of "))
                summary.message = line;
            else if (!summary.message.empty() && line.starts_with(build_label))
                summary.build_output.push_back(line.substr(build_label.size()));
        }
        if (summary.build_output.empty())
            return {};
        return summary;
    }
};

} // namespace

const package_backend& poetry_backend() {
    static const poetry instance;
    return instance;
}

} // namespace gestvenv::python
