#include "tools/gestvenv/caller_variables.hpp"

#include <algorithm>
#include <string_view>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

bool describes_terminal(std::string_view name) {
    return name == "TERM" || name == "COLORTERM" || name == "LANG" || name.substr(0, 3) == "LC_";
}

} // namespace

std::map<std::string, std::string> variables_of_caller(const std::vector<std::string>& names,
                                                       bool on_terminal) {
    std::map<std::string, std::string> found;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text{*entry};
        auto equals = text.find('=');
        if (equals == 0 || equals == std::string_view::npos)
            continue;
        auto name = text.substr(0, equals);
        if ((on_terminal && describes_terminal(name)) ||
            std::find(names.begin(), names.end(), name) != names.end())
            found.emplace(name, text.substr(equals + 1)); // the first of several counts, as for getenv(3)
    }
    return found;
}

} // namespace gestvenv::cli
