// SPDX-License-Identifier: MIT
#include "system/launcher/pip_notice.hpp"

#include <string>
#include <string_view>

namespace gestvenv {

namespace {

// As a shell ends for a program that is not there.
constexpr const char* script = R"sh(#!/bin/sh
echo "error: there is no ${0##*/} in this environment

hint: packages are installed from outside, with gestvenv run --packages NAME; --with-pip puts pip in (environment_spec::packages, with_pip)" >&2
exit 127
)sh";

// `3.12` of the folder `lib/python3.12`; empty where there is none.
std::string_view version_of(const python::venv_layout& environment) {
    constexpr std::string_view prefix = "lib/python";
    for (const auto& entry : environment.entries) {
        std::string_view path = entry.path;
        if (entry.kind == python::layout_entry_kind::directory && path.starts_with(prefix) &&
            path.find('/', prefix.size()) == std::string_view::npos)
            return path.substr(prefix.size());
    }
    return {};
}

python::layout_entry entry_of(python::layout_entry_kind kind, std::uint16_t mode, const std::string& name,
                              const char* content) {
    python::layout_entry entry;
    entry.kind = kind;
    entry.mode = mode;
    entry.path = name.empty() ? notices_folder : std::string{notices_folder} + "/" + name;
    if (content != nullptr)
        entry.content.push_back({python::layout_value::literal, python::layout_quoting::none, content});
    return entry;
}

} // namespace

python::venv_layout pip_notice(const python::venv_layout& environment) {
    using kind = python::layout_entry_kind;
    python::venv_layout layout;
    layout.entries.reserve(4);
    layout.entries.push_back(entry_of(kind::directory, 0755, {}, nullptr));
    layout.entries.push_back(entry_of(kind::file, 0755, "pip", script));
    layout.entries.push_back(entry_of(kind::symlink, 0, "pip3", "pip"));
    auto version = version_of(environment);
    if (version.find('.') != std::string_view::npos)
        layout.entries.push_back(entry_of(kind::symlink, 0, "pip" + std::string{version}, "pip"));
    return layout;
}

} // namespace gestvenv
