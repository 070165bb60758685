// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_package_commands.hpp"

#include "messages/validation.hpp"
#include "system/python/backends/project.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/ephemeral/creation_options.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/node/node_paths.hpp"
#include "tools/gestvenv/options/list_readers.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct install_command_request : environment_request {
    install_request what;
};

struct uninstall_command_request : environment_request {
    uninstall_request what;
};

constexpr const char* install_footer =
    R"(PACKAGE is what PEP 508 writes: requests, 'rich>=13,<14'; several may stand in one word, separated
by commas. Prints what has changed: `+` for what is new, `-` for what was replaced or removed.)";

constexpr const char* uninstall_footer = "PACKAGE is a name. Dependencies stay.";

outcome<std::chrono::milliseconds> parse_limit(const std::string& option, const std::string& text) {
    return parse_timeout(option, text);
}

void add_install_options(option_table& table, install_command_request& request) {
    constexpr std::string_view group = "packages";
    auto& what = request.what;
    table.add_repeatable({"--requirements", "FILE", "install what a requirements file lists", group, "-r"},
                         appended_to(what.requirements_files, any_text));
    add_project_options(table, what.project, group);
    table.add_flag({"--upgrade", "", "replace installed packages by newer versions", group, "-U"},
                   what.upgrade);
    table.add({"--timeout", "TIME", "give up after this time (default: 5m)", group},
              into(what.timeout, parse_limit));
    add_environment_options(table, request);
}

void add_uninstall_options(option_table& table, uninstall_command_request& request) {
    table.add({"--timeout", "TIME", "give up after this time (default: 5m)", "packages"},
              into(request.what.timeout, parse_limit));
    add_environment_options(table, request);
}

std::vector<std::string> packages_in(const std::vector<std::string>& words) {
    std::vector<std::string> packages;
    for (const auto& word : words) {
        auto parts = split_packages(word);
        packages.insert(packages.end(), std::move_iterator{parts.begin()}, std::move_iterator{parts.end()});
    }
    return packages;
}

outcome<void> check_install(install_command_request& request, operand_words operands) {
    if (auto taken = take_environment(request, operands); !taken)
        return taken;
    auto& what = request.what;
    what.packages = packages_in(operands.words);
    if (what.empty())
        return bad_value("there is nothing to install", "gestvenv ephemeral install ENVIRONMENT requests");
    if (auto good = check_project_options(what.project); !good)
        return good;
    if (auto good = python::validate_packages(what.packages); !good)
        return failure(std::move(good).error());
    return validate(what);
}

outcome<void> check_uninstall(uninstall_command_request& request, operand_words operands) {
    if (auto taken = take_environment(request, operands); !taken)
        return taken;
    request.what.packages = packages_in(operands.words);
    if (request.what.packages.empty())
        return bad_value("there is nothing to uninstall",
                         "gestvenv ephemeral uninstall ENVIRONMENT requests");
    return validate(request.what);
}

std::string change_text(const install_result& result) {
    std::string text;
    for (const auto& one : result.removed)
        text += fmt::format("- {} {}\n", one.name, one.version);
    for (const auto& one : result.installed)
        text += fmt::format("+ {} {}\n", one.name, one.version);
    return text.empty() ? "nothing has changed\n" : text;
}

int show(const environment_request& request, const install_result& result) {
    for (const auto& name : result.missing)
        print_warning(fmt::format("{} was not installed", name));
    for (const auto& note : result.notes)
        print_warning(note);
    return print(request.format == output_format::json ? json_text(to_json_value(result))
                                                       : change_text(result));
}

int install(install_command_request& request) {
    request.what.offline = request.global.offline;
    request.after_interruption = "what is being installed goes on, and is not taken back halfway";
    return with_node_of(request, [&](client& node) {
        node_paths paths{is_local(request.node)};
        for (auto& file : request.what.requirements_files)
            if (auto good = paths.prepare_requirements(file); !good)
                return report(good.error());
        if (auto& project = request.what.project; project)
            if (auto good = paths.prepare_project(*project); !good)
                return report(good.error());
        auto where = node.attach(request.wanted);
        return show(request, with_progress(fmt::format("installing in {}", request.wanted),
                                           [&] { return where.install(request.what); }));
    });
}

int uninstall(uninstall_command_request& request) {
    request.after_interruption = "what is being removed goes on, and is not taken back halfway";
    return with_node_of(request, [&](client& node) {
        return show(request, with_progress(fmt::format("uninstalling in {}", request.wanted), [&] {
                        return node.attach(request.wanted).uninstall(request.what);
                    }));
    });
}

int packages(environment_request& request) {
    return with_node_of(request, [&](client& node) {
        const auto installed = node.attach(request.wanted).packages();
        if (request.format == output_format::json)
            return print(json_text(to_json_value(installed)));
        if (installed.empty())
            return print("no packages\n");
        std::vector<text_row> rows{{"NAME", "VERSION"}};
        for (const auto& one : installed)
            rows.push_back({one.name, one.version});
        return print(text_table(rows, output_width()));
    });
}

} // namespace

constinit const command ephemeral_install_command{
    .name = "install",
    .description = "Installs packages in an environment of the node.",
    .operands = "ENVIRONMENT [PACKAGE...]",
    .footer = install_footer,
    .complete = living_environments,
    .action = acts_on<install_command_request, add_install_options, check_install, install>(),
};

constinit const command ephemeral_uninstall_command{
    .name = "uninstall",
    .description = "Removes packages from an environment of the node.",
    .operands = "ENVIRONMENT PACKAGE...",
    .footer = uninstall_footer,
    .complete = living_environments,
    .action = acts_on<uninstall_command_request, add_uninstall_options, check_uninstall, uninstall>(),
};

constinit const command ephemeral_packages_command{
    .name = "packages",
    .description = "Lists the packages of an environment of the node.",
    .operands = "ENVIRONMENT",
    .complete = living_environments,
    .action = acts_on<environment_request, add_environment_options, only_environment, packages>(),
};

} // namespace gestvenv::cli
