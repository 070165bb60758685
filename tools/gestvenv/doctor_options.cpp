// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor_options.hpp"

#include "tools/gestvenv/option_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gestvenv::cli {

namespace {

using format = doctor_request::output_format;

constexpr std::array formats{format::table, format::json};
constexpr std::array backends{backend::uv, backend::pip, backend::pdm, backend::poetry};

constexpr const char* description =
    "Finds out what works on this machine, by doing it, and says what supplies the rest.";

constexpr const char* footer =
    R"(With every interpreter an environment is made for every backend, two at a time; the small package six is
installed into it and imported. Nothing stays behind.

exit status:
  0  all that is needed works: environments can be made, and with the interpreter they have by default (or
     each that --python names) at least one backend installs
  1  it does not; what is missing is named, with the command that supplies it
  2  the command line or the configuration is not right; nothing was started

examples:
  gestvenv doctor
  gestvenv doctor --quick
  gestvenv doctor --python 3.12 --backend uv
  gestvenv doctor --format json | jq '.installations[] | select(.state == "no")')";

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::table ? "table" : "json";
}

void add_doctor_options(CLI::App& doctor, option_table& table, doctor_request& request) {
    doctor.description(description);
    doctor.footer(footer);
    doctor.fallthrough();
    doctor.get_help_ptr()->group("options");
    doctor.add_flag("--quick", request.quick, "look for tools and interpreters only, and install nothing")
        ->group("options");
    table.add_repeatable({"--python", "VERSION",
                          "try this one alone, a version or a path; may be given several times (default: all "
                          "there are)",
                          "options"},
                         [&request](const auto& option, const auto& text) {
                             return any_text(option, text).map([&request](std::string value) {
                                 if (std::find(request.pythons.begin(), request.pythons.end(), value) ==
                                     request.pythons.end())
                                     request.pythons.push_back(std::move(value));
                             });
                         });
    table.add_repeatable({"--backend", "NAME",
                          "try this one alone: uv, pip, pdm or poetry; may be given several times (default: "
                          "all four)",
                          "options"},
                         [&request](const auto& option, const auto& text) {
                             return parse_choice(option, text, backends).map([&request](backend value) {
                                 if (std::find(request.backends.begin(), request.backends.end(), value) ==
                                     request.backends.end())
                                     request.backends.push_back(value);
                             });
                         });
    table.add({"--timeout", "TIME", "the longest that one of them may take (default: 60)", "options"},
              into(request.timeout, parse_timeout));
    table.add({"--format", "FORMAT", "table (default) or json", "options"},
              into(request.format,
                   [](const auto& option, const auto& text) { return parse_choice(option, text, formats); }));
}

outcome<void> complete(const doctor_request& /*request*/, const std::vector<std::string>& operands) {
    if (!operands.empty())
        return bad_value("gestvenv doctor takes no operand", "gestvenv doctor --help");
    return {};
}

} // namespace gestvenv::cli
