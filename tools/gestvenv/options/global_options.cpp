// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/global_options.hpp"

#include "tools/gestvenv/options/option_table.hpp"
#include "tools/gestvenv/options/option_values.hpp"

namespace gestvenv::cli {

void add_global_options(option_table& table, global_options& global) {
    const auto* group = "options";
    table.add_flag({version_option, "", "show the version and do nothing", group});
    table.add_flag({"--verbose", "", "log progress to standard error", group, "-v"}, global.verbose);
    table.add_flag({"--offline", "", "install from local caches only, without network access", group},
                   global.offline);
    table.add({"--config", "FILE",
               "the configuration file (default: $GESTVENV_CONFIG, else ~/.config/gestvenv/config.toml)",
               group},
              into(global.configuration_file, any_text));
}

} // namespace gestvenv::cli
