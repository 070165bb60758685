// SPDX-License-Identifier: MIT
#include "tools/gestvenv/config/config_command.hpp"

#include "messages/json.hpp"
#include "runtime/configuration_document.hpp"
#include "runtime/configuration_file.hpp"
#include "runtime/configuration_keys.hpp"
#include "tools/gestvenv/config/config_trial.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

using format = config_request::output_format;

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
  2    unknown key, or an error in the configuration)";

constexpr const char* set_footer =
    R"(Durations are seconds or have a unit (90s, 10m, 2h, 1d), sizes are megabytes or have one (512M, 2G).
The file is replaced in one step and made with mode 0600 if there is none. Comments, order and all
other keys stay as they are. If that is not possible, the file is not changed and an error is reported.)";

constexpr const char* reset_footer =
    R"(Removes the key's line from the file; its default applies again. Comments on other lines, order
and all other keys stay as they are. Without KEY every key goes; the file itself and its comments stay.)";

void add_show_options(option_table& table, config_request& request) {
    table.add_flag({"--origin", "", "show the source of each value", "options"}, request.with_origin);
    add_choice(table, {"--format", "FORMAT", "toml (default) or json", "options"}, request.format, formats);
}

/// The nearest key is named before any file is looked at.
outcome<void> take_key(config_request& request, const std::string& key) {
    request.key = key;
    return find_configuration_key(key).map([](const configuration_key*) {});
}

outcome<void> one_key(config_request& request, operand_words operands) {
    if (operands.words.size() != 1)
        return wrong_operands(operands, "one key");
    return take_key(request, operands.words.front());
}

outcome<void> key_and_value(config_request& request, operand_words operands) {
    if (operands.words.size() != 2)
        return wrong_operands(operands, "a key and a value");
    request.value = operands.words[1];
    return take_key(request, operands.words[0]);
}

outcome<void> one_key_or_none(config_request& request, operand_words operands) {
    if (operands.words.size() > 1)
        return wrong_operands(operands, "one key, or none");
    return operands.words.empty() ? outcome<void>{} : take_key(request, operands.words.front());
}

/// The key is the first operand of each command that has any.
std::vector<std::string> key_names(std::size_t place) {
    return place == 0 ? configuration_key_names() : std::vector<std::string>{};
}

std::string origin_text(const configuration_value& value) {
    auto text = std::string{to_string(value.origin)};
    return value.where.empty() ? text : fmt::format("{} {}", text, value.where);
}

int show(const config_request& request) {
    auto loaded = load_configuration({.file = request.global.configuration_file});
    return print(request.format == format::json ? as_json(loaded, request.with_origin)
                                                : as_toml(loaded, request.with_origin));
}

int get(const config_request& request) {
    const auto loaded = load_configuration({.file = request.global.configuration_file});
    const auto value = to_json_value(loaded.config)[request.key];
    if (value.is_null()) {
        print_error({error_code::invalid_argument,
                     fmt::format("{} is not set, and has no default", request.key),
                     {},
                     fmt::format("gestvenv config set {} VALUE", request.key)});
        return exit_status::unset;
    }
    // As a script wants it: without quotes.
    return print((value.is_string() ? value.get<std::string>() : value.dump()) + "\n");
}

outcome<void> write_value(const configuration_place& place, const config_request& request) {
    auto key = find_configuration_key(request.key);
    if (!key)
        return failure(std::move(key).error());
    auto value = configuration_value_of(**key, request.value);
    // The file may not be there yet.
    auto now = read_configuration_file(place.path, false);
    if (!now)
        return failure(std::move(now).error());
    const auto before =
        now->exists ? load_configuration({.file = place.path.string()}).config : runtime_config{};
    auto changed = before;
    if (auto good = assign(changed, **key, value); !good)
        return good;
    if (auto good = try_value(before, changed, request.key); !good)
        return good;
    return change_configuration_file(place.path, [&](const std::string& text) {
        return with_value(text, place.path.string(), request.key, value);
    });
}

outcome<void> take_out(const configuration_place& place, const config_request& request) {
    // Nothing is made where there is nothing to take out.
    auto now = read_configuration_file(place.path, false);
    if (!now || !now->exists)
        return now.map([](const configuration_text&) {});
    auto keys = request.key.empty() ? configuration_key_names() : std::vector{request.key};
    return change_configuration_file(place.path, [&](std::string text) -> outcome<std::string> {
        for (const auto& key : keys) {
            auto left = without_value(text, place.path.string(), key);
            if (!left)
                return left;
            text = std::move(*left);
        }
        return text;
    });
}

/// What was written may be without effect here.
void tell_of_variable(const std::string& name) {
    auto key = find_configuration_key(name);
    if (!key || (*key)->variable.empty())
        return;
    const std::string variable{(*key)->variable};
    const char* value = std::getenv(variable.c_str()); // NOLINT(concurrency-mt-unsafe): read only
    if (value != nullptr && *value != '\0')
        print_warning(fmt::format("the variable {} is set here, and wins over the file", variable));
}

int show_path(const config_request& request) {
    return print(find_configuration_file(request.global.configuration_file, true).path.string() + "\n");
}

int status_of(const outcome<void>& changed) {
    if (changed)
        return 0;
    print_error(changed.error());
    return exit_status::of(changed.error().code);
}

int set(const config_request& request) {
    auto status =
        status_of(write_value(find_configuration_file(request.global.configuration_file, true), request));
    if (status == 0)
        tell_of_variable(request.key);
    return status;
}

int reset(const config_request& request) {
    return status_of(take_out(find_configuration_file(request.global.configuration_file, true), request));
}

/// A configuration that is not acceptable is a mistake of the caller's.
template <int (*Run)(const config_request&)>
int run(config_request& request) {
    try {
        return Run(request);
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::usage;
    }
}

constexpr command show_command{
    .name = "show",
    .description = "Shows all keys with the values in force, in the file's syntax.",
    .action = acts_on<config_request, add_show_options, no_operands<config_request>, run<show>>(),
};

constexpr command path_command{
    .name = "path",
    .description = "Shows where the configuration file is, or would be.",
    .action =
        acts_on<config_request, no_options<config_request>, no_operands<config_request>, run<show_path>>(),
};

constexpr command get_command{
    .name = "get",
    .description = "Prints the value of one key.",
    .operands = "KEY",
    .footer = get_footer,
    .complete = key_names,
    .action = acts_on<config_request, no_options<config_request>, one_key, run<get>>(),
};

constexpr command set_command{
    .name = "set",
    .description = "Sets a key in the configuration file.",
    .operands = "KEY VALUE",
    .footer = set_footer,
    .complete = key_names,
    .action = acts_on<config_request, no_options<config_request>, key_and_value, run<set>>(),
};

constexpr command reset_command{
    .name = "reset",
    .description = "Removes one key, or all keys, from the configuration file.",
    .operands = "[KEY]",
    .footer = reset_footer,
    .complete = key_names,
    .action = acts_on<config_request, no_options<config_request>, one_key_or_none, run<reset>>(),
};

constexpr std::array commands{&show_command, &path_command, &get_command, &set_command, &reset_command};

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::toml ? "toml" : "json";
}

std::string as_toml(const loaded_configuration& loaded, bool with_origin) {
    std::string text = "[ephemeral]\n";
    for (const auto& value : loaded.values) {
        auto line = value.text.empty() ? fmt::format("# {} is not set", value.key)
                                       : fmt::format("{} = {}", value.key, value.text);
        text += with_origin && !value.text.empty() ? fmt::format("{:<42} # {}\n", line, origin_text(value))
                                                   : line + "\n";
    }
    return text;
}

std::string as_json(const loaded_configuration& loaded, bool with_origin) {
    auto all = nlohmann::ordered_json::object();
    const auto values = to_json_value(loaded.config);
    for (const auto& value : loaded.values) {
        const auto& plain = values[value.key];
        if (with_origin)
            all[value.key] = {{"value", plain}, {"origin", to_string(value.origin)}, {"where", value.where}};
        else
            all[value.key] = plain;
    }
    // A path need not be UTF-8.
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

constinit const command config_command{
    .name = "config",
    .description = "Shows the configuration and the source of each value, and changes the file.",
    .footer = config_footer,
    .commands = commands,
};

} // namespace gestvenv::cli
