// SPDX-License-Identifier: MIT
// Whether what a caller asks for can be done at all, checked as a whole before anything is made.
//
// Every failure is error_code::invalid_argument and names the field and what is accepted. Values of
// variables, arguments and input never appear in an error, they may be secrets. Not checked here: package
// requirements (system/python), whether files and interpreters exist, and the totals of a runtime
// (admission). Thread-safe.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_spec.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/resource_limits.hpp>
#include <gestvenv/runtime_config.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace gestvenv {

/// Bounds beyond those that the fields themselves document; sizes in bytes.
namespace bounds {
inline constexpr std::size_t name_length = 64;
/// 2^40 MB are 2^60 bytes: what 64-bit sizes can still be added up in.
inline constexpr megabytes largest_size{std::int64_t{1} << 40};
/// The kernel takes no smaller share than a millisecond in a second.
inline constexpr double smallest_cpu_percent = 0.1;
/// Ten thousand cores.
inline constexpr double largest_cpu_percent = 1'000'000;
inline constexpr std::size_t tags = 64;
inline constexpr std::size_t tag_name_length = 128;
inline constexpr std::size_t tag_value_length = 1024;
inline constexpr std::size_t grants = 64;
inline constexpr std::size_t passed_descriptors = 64;
inline constexpr std::size_t packages = 10'000;
inline constexpr std::size_t package_length = 4096;
/// All of one request together: they become arguments of a backend.
inline constexpr std::size_t packages_size = std::size_t{1} << 20;
/// PATH_MAX, with the final NUL.
inline constexpr std::size_t path_length = 4096;
/// Arguments and variables together, each with its final NUL and its pointer as the kernel counts them
/// (execve(2)).
inline constexpr std::size_t command_size = std::size_t{2} << 20;
/// MAX_ARG_STRLEN, with the final NUL: one argument or one `NAME=value`.
inline constexpr std::size_t argument_length = std::size_t{128} << 10;
inline constexpr std::size_t input_size = std::size_t{1} << 30;
} // namespace bounds

outcome<void> validate(const environment_spec& spec);
outcome<void> validate(const resource_limits& limits);
outcome<void> validate(const command_spec& command);
outcome<void> validate(const install_request& request);
outcome<void> validate(const uninstall_request& request);
outcome<void> validate(const runtime_config& config);

/// The rule of `environment_spec::name`; here an empty name is refused.
outcome<void> validate_environment_name(std::string_view name);

/// Names must be non-empty and free of `=` and NUL, values free of NUL (environ(7)).
outcome<void> validate_variables(const std::map<std::string, std::string>& variables);

} // namespace gestvenv
