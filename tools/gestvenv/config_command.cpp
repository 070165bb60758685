// SPDX-License-Identifier: MIT
#include "tools/gestvenv/config_command.hpp"

#include "messages/json.hpp"
#include "runtime/configuration_document.hpp"
#include "runtime/configuration_file.hpp"
#include "runtime/configuration_keys.hpp"
#include "tools/gestvenv/config_trial.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace gestvenv::cli {

namespace {

std::string origin_text(const configuration_value& value) {
    auto text = std::string{to_string(value.origin)};
    return value.where.empty() ? text : fmt::format("{} {}", text, value.where);
}

int show(const config_request& request) {
    auto loaded = load_configuration({.file = request.global.configuration_file});
    return print(request.format == config_request::output_format::json
                     ? as_json(loaded, request.with_origin)
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

outcome<void> set(const configuration_place& place, const config_request& request) {
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

outcome<void> reset(const configuration_place& place, const config_request& request) {
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

int change(const config_request& request) {
    auto place = find_configuration_file(request.global.configuration_file, true);
    bool sets = request.kind == config_request::action_kind::set;
    auto good = sets ? set(place, request) : reset(place, request);
    if (!good) {
        print_error(good.error());
        return exit_status::of(good.error().code);
    }
    if (sets)
        tell_of_variable(request.key);
    return 0;
}

} // namespace

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

int config_command(const config_request& request) {
    try {
        switch (request.kind) {
        case config_request::action_kind::show:
            return show(request);
        case config_request::action_kind::get:
            return get(request);
        case config_request::action_kind::path:
            return print(find_configuration_file(request.global.configuration_file, true).path.string() +
                         "\n");
        case config_request::action_kind::set:
        case config_request::action_kind::reset:
            break;
        }
        return change(request);
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::usage;
    }
}

} // namespace gestvenv::cli
