// SPDX-License-Identifier: MIT
#include "tools/gestvenv/config_options.hpp"

#include "runtime/configuration_keys.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gestvenv::cli {

namespace {

using format = config_request::output_format;
using kind = config_request::action_kind;

constexpr std::array formats{format::toml, format::json};

constexpr const char* config_footer =
    R"(A value comes from the first of these that has one: an option of the command, a variable
(GESTVENV_EPHEMERAL_TTL, _BACKEND, _STORAGE, _MAX_CONCURRENT), the file, the default.

examples:
  gestvenv config show --origin
  gestvenv config set default_ttl 10m
  gestvenv config get default_ttl
  gestvenv config reset default_ttl)";

constexpr const char* get_footer =
    R"(exit status:
  0    the value is on standard output
  1    the key has no value and no default
  2    there is no such key, or the configuration is not right)";

constexpr const char* set_footer =
    R"(Durations are seconds or have a unit (90s, 10m, 2h, 1d), sizes are megabytes or have one (512M, 2G).
The file is replaced in one step and made with mode 0600 where there was none. Comments, order and all
other keys stay as they are; a file in which that cannot be done is left alone, with an error.)";

constexpr const char* reset_footer =
    R"(The key's line is taken out of the file, so that its default holds again. Comments on other lines, order
and all other keys stay as they are. Without KEY every key goes; the file itself and its comments stay.)";

CLI::App& add(CLI::App& config, const char* name, const char* description, const char* footer = "") {
    auto& command = *config.add_subcommand(name, description);
    command.fallthrough();
    command.footer(footer);
    command.get_help_ptr()->group("options");
    return command;
}

tl::unexpected<error> wrong_operands(std::string_view command, const char* what) {
    return bad_value(fmt::format("gestvenv config {} takes {}", command, what),
                     fmt::format("gestvenv config {} --help", command));
}

/// The nearest key is named before any file is looked at.
outcome<void> check_key(const std::string& key) {
    return find_configuration_key(key).map([](const configuration_key*) {});
}

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::toml ? "toml" : "json";
}

void add_config_commands(CLI::App& config, option_table& table, config_request& request) {
    config.description("Shows the configuration and where each value comes from, and changes its file.");
    config.footer(config_footer);
    config.fallthrough();
    config.get_help_ptr()->group("options");
    auto& show = add(config, "show", "Shows every key with the value in force, as a file would have it.");
    show.add_flag("--origin", request.with_origin, "say where each value comes from")->group("options");
    table.add_to(show, {"--format", "FORMAT", "toml (default) or json", "options"},
                 into(request.format, [](const auto& option, const auto& text) {
                     return parse_choice(option, text, formats);
                 }));
    add(config, "path", "Shows where the configuration file is, or would be.");
    add(config, "get", "Shows the value in force of one key, and nothing else.", get_footer);
    add(config, "set", "Sets a key in the configuration file.", set_footer);
    add(config, "reset", "Takes a key, or all of them, out of the configuration file.", reset_footer);
}

std::string config_operands(std::string_view command) {
    if (command == "set")
        return "KEY VALUE";
    if (command == "get")
        return "KEY";
    return command == "reset" ? "[KEY]" : "";
}

outcome<void> complete(config_request& request, std::string_view command,
                       const std::vector<std::string>& operands) {
    if (command == "set") {
        request.kind = kind::set;
        if (operands.size() != 2)
            return wrong_operands(command, "a key and a value");
        request.key = operands[0];
        request.value = operands[1];
        return check_key(request.key);
    }
    if (command == "get") {
        request.kind = kind::get;
        if (operands.size() != 1)
            return wrong_operands(command, "one key");
        request.key = operands[0];
        return check_key(request.key);
    }
    if (command == "reset") {
        request.kind = kind::reset;
        if (operands.size() > 1)
            return wrong_operands(command, "one key, or none");
        if (operands.empty())
            return {};
        request.key = operands[0];
        return check_key(request.key);
    }
    request.kind = command == "path" ? kind::path : kind::show;
    if (!operands.empty())
        return wrong_operands(command, "no operand");
    return {};
}

} // namespace gestvenv::cli
