// SPDX-License-Identifier: MIT
#include "runtime/configuration_keys.hpp"

#include "messages/json.hpp"
#include "messages/listed_words.hpp"
#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "messages/spelling.hpp"
#include "messages/text_encoding.hpp"
#include "messages/unit_text.hpp"
#include "messages/validation.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace gestvenv {

namespace {

using kind = configuration_kind;

constexpr std::string_view a_lifetime =
    R"(seconds from 1 to 315532800, a text with a unit ("90s", "10m", "2h", "1d"), or "unlimited")";
constexpr std::string_view a_grace = R"(seconds from 0 to 10, fractions too, or a text with a unit ("2s"))";
constexpr std::string_view a_size =
    R"(megabytes from 1 to 1099511627776, or a text with a unit ("512M", "2G", "1T"))";
constexpr std::string_view a_count_of_processes = R"(a whole number from 1 to 100000, or "unlimited")";
constexpr std::string_view a_count_of_threads = R"(a whole number from 1 to 1000000, or "unlimited")";
constexpr std::string_view a_flag = "true or false";

constexpr std::array keys{
    configuration_key{"default_ttl", kind::seconds, a_lifetime, "GESTVENV_EPHEMERAL_TTL"},
    configuration_key{"default_backend", kind::text, "", "GESTVENV_EPHEMERAL_BACKEND"},
    configuration_key{"default_python_version", kind::text,
                      R"("3.12", "3.12.1", a range such as ">=3.10", or the path of an interpreter)", ""},
    configuration_key{"default_isolation_level", kind::text,
                      R"("process", "namespace", "container" or "chroot")", ""},
    configuration_key{"default_security_mode", kind::text, R"("permissive", "restricted" or "sandboxed")",
                      ""},
    configuration_key{"storage_backend", kind::text, R"("tmpfs", "memory" or "disk")",
                      "GESTVENV_EPHEMERAL_STORAGE"},
    configuration_key{"base_storage_path", kind::text, "the absolute path of a folder", ""},
    configuration_key{"max_concurrent", kind::number, "a whole number from 1 to 100000",
                      "GESTVENV_EPHEMERAL_MAX_CONCURRENT"},
    configuration_key{"max_total_memory_mb", kind::megabytes, a_size, ""},
    configuration_key{"max_total_disk_mb", kind::megabytes, a_size, ""},
    configuration_key{"cleanup_interval", kind::seconds, a_lifetime, ""},
    configuration_key{"force_cleanup_after", kind::seconds, a_lifetime, ""},
    configuration_key{"default_max_processes", kind::number, a_count_of_processes, ""},
    configuration_key{"default_max_threads", kind::number, a_count_of_threads, ""},
    configuration_key{"stop_grace", kind::seconds, a_grace, ""},
    configuration_key{"enable_monitoring", kind::flag, a_flag, ""},
    configuration_key{"monitoring_interval", kind::seconds, a_lifetime, ""},
    configuration_key{"enable_preallocation", kind::flag, "false, until there is a pool", ""},
    configuration_key{"pool_size", kind::number, "a whole number from 0 to 100000", ""},
    configuration_key{"enable_template_cache", kind::flag, "false, until there is a template cache", ""},
};

std::string accepted_by(const configuration_key& key) {
    if (!key.accepted.empty())
        return std::string{key.accepted};
    std::vector<std::string> quoted;
    for (auto name : all_spellings<backend>())
        quoted.push_back(fmt::format(R"("{}")", name));
    return listed(std::vector<std::string_view>{quoted.begin(), quoted.end()}, "or");
}

/// An integer where the number is one; a JSON number with a fraction is refused by `assign`.
nlohmann::json as_number(double number) {
    constexpr double exact = 9'007'199'254'740'992; // 2^53
    if (std::floor(number) == number && std::abs(number) <= exact)
        return static_cast<std::int64_t>(number);
    return number;
}

/// Of the field alone, so that no other value can be at fault.
outcome<void> check(const configuration_key& key, const nlohmann::json& value) {
    // A file could not hold it.
    if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr && !is_utf8(*text))
        return failure(error_code::invalid_argument, fmt::format("{} must be UTF-8", key.name));
    nlohmann::json alone;
    alone[std::string{key.name}] = value;
    return from_json_value<runtime_config>(alone).and_then(
        [](const runtime_config& config) { return validate(config); });
}

} // namespace

std::span<const configuration_key> configuration_keys() noexcept {
    return keys;
}

std::vector<std::string> configuration_key_names() {
    std::vector<std::string> names;
    for (const auto& key : keys)
        names.emplace_back(key.name);
    return names;
}

outcome<const configuration_key*> find_configuration_key(std::string_view name) {
    for (const auto& key : keys)
        if (key.name == name)
            return &key;
    auto near = nearest_name(name, configuration_key_names());
    return failure(error_code::invalid_argument, fmt::format("there is no key {}", shown(name)),
                   near ? fmt::format("did you mean {}?", *near)
                        : "docs/configuration.md and `gestvenv config show` list all keys");
}

nlohmann::json configuration_value_of(const configuration_key& key, std::string_view text) {
    std::optional<double> number;
    switch (key.kind) {
    case kind::seconds:
        number = seconds_in(text);
        break;
    case kind::megabytes:
        if ((number = bytes_in(text, megabytes{1}.bytes())))
            *number /= static_cast<double>(megabytes{1}.bytes());
        break;
    case kind::number:
        number = bytes_in(text, 1);
        if (text.empty() || text.back() < '0' || text.back() > '9') // units are for sizes
            number.reset();
        break;
    case kind::flag:
        if (text == "true" || text == "false")
            return text == "true";
        break;
    case kind::text:
        break;
    }
    return number ? as_number(*number) : nlohmann::json(std::string{text});
}

outcome<void> assign(runtime_config& config, const configuration_key& key, const nlohmann::json& value) {
    if (auto good = check(key, value); !good) {
        auto problem = std::move(good).error();
        problem.hint = fmt::format("{} takes {}", key.name, accepted_by(key));
        return failure(std::move(problem));
    }
    auto all = to_json_value(config);
    all[std::string{key.name}] = value;
    return from_json_value<runtime_config>(all).map(
        [&config](runtime_config changed) { config = std::move(changed); });
}

nlohmann::json configuration_value_in(const runtime_config& config, const configuration_key& key) {
    return to_json_value(config)[std::string{key.name}];
}

} // namespace gestvenv
