// SPDX-License-Identifier: MIT
#include <gestvenv/configuration.hpp>

#include "runtime/configuration_document.hpp"
#include "runtime/configuration_file.hpp"
#include "runtime/configuration_keys.hpp"
#include "runtime/whole_configuration.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace gestvenv {

namespace {

/// Fills a configuration from the weakest source to the strongest.
class loader {
public:
    loader() {
        for (const auto& key : configuration_keys())
            result_.values.push_back({std::string{key.name}, {}, configuration_origin::preset, {}});
    }

    outcome<void> read_file(const configuration_place& place) {
        result_.file = place.path;
        auto content = read_configuration_file(place.path, place.named);
        if (!content)
            return failure(std::move(content).error());
        result_.file_exists = content->exists;
        auto entries = parse_configuration(content->text, place.path.string(), &observability_);
        if (!entries)
            return failure(std::move(entries).error());
        for (const auto& entry : *entries) {
            auto where = fmt::format("{}:{}", place.path.string(), entry.line);
            if (auto good = take(entry.key, entry.value, configuration_origin::file, where); !good)
                return good;
        }
        return {};
    }

    outcome<void> read_variables() {
        for (const auto& key : configuration_keys()) {
            if (key.variable.empty())
                continue;
            std::string name{key.variable};
            const char* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): read only
            if (value == nullptr || *value == '\0')        // an empty one is as good as none, as for XDG's
                continue;
            if (auto good = take(key.name, configuration_value_of(key, value), configuration_origin::variable,
                                 std::move(name));
                !good)
                return good;
        }
        return {};
    }

    outcome<void> take_given(const std::map<std::string, std::string>& given) {
        for (const auto& [name, text] : given)
            if (auto good = take(name, text, configuration_origin::command_line, {}); !good)
                return good;
        return {};
    }

    whole_configuration finish() && {
        for (const auto& key : configuration_keys()) {
            auto value = configuration_value_in(result_.config, key);
            if (!value.is_null())
                entry_of(key.name).text = toml_text(value);
        }
        return {std::move(result_), std::move(observability_)};
    }

private:
    outcome<void> take(std::string_view name, nlohmann::json value, configuration_origin origin,
                       std::string where) {
        auto key = find_configuration_key(name);
        auto good = key.and_then([&](const configuration_key* found) {
            // Units may stand in texts; a number in quotes is taken as one only where no file says otherwise.
            bool as_text = origin == configuration_origin::command_line ||
                           found->kind == configuration_kind::seconds ||
                           found->kind == configuration_kind::megabytes;
            if (value.is_string() && as_text)
                value = configuration_value_of(*found, value.get<std::string>());
            return assign(result_.config, *found, value);
        });
        if (!good) {
            auto problem = std::move(good).error();
            if (!where.empty())
                problem.message = fmt::format("{}: {}", where, problem.message);
            return failure(std::move(problem));
        }
        auto& entry = entry_of(name);
        entry.origin = origin;
        entry.where = std::move(where);
        return {};
    }

    configuration_value& entry_of(std::string_view name) {
        return *std::find_if(result_.values.begin(), result_.values.end(),
                             [name](const auto& value) { return value.key == name; });
    }

    loaded_configuration result_;
    observability_configuration observability_;
};

} // namespace

std::string_view to_string(configuration_origin value) noexcept {
    switch (value) {
    case configuration_origin::preset:
        return "default";
    case configuration_origin::file:
        return "file";
    case configuration_origin::variable:
        return "variable";
    case configuration_origin::command_line:
        return "command line";
    }
    return {};
}

configuration_origin loaded_configuration::origin_of(std::string_view key) const noexcept {
    for (const auto& value : values)
        if (value.key == key)
            return value.origin;
    return configuration_origin::preset;
}

loaded_configuration load_configuration(const configuration_options& options) {
    return load_whole_configuration(options).loaded;
}

whole_configuration load_whole_configuration(const configuration_options& options) {
    loader all;
    auto good = options.read_file
                    ? all.read_file(find_configuration_file(options.file, options.read_variables))
                    : outcome<void>{};
    if (good && options.read_variables)
        good = all.read_variables();
    if (good)
        good = all.take_given(options.given);
    if (!good)
        throw_as_exception(good.error());
    return std::move(all).finish();
}

} // namespace gestvenv
