// SPDX-License-Identifier: MIT
// The configuration file on disk.
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace gestvenv {

/// Where the configuration is looked for, and whether it has to be there.
struct configuration_place {
    std::filesystem::path path;
    bool named = false;
};

/// `file` where it is not empty, else, with `read_variables`, what GESTVENV_CONFIG names, else
/// `${XDG_CONFIG_HOME:-~/.config}/gestvenv/config.toml`. Absolute.
configuration_place find_configuration_file(const std::filesystem::path& file, bool read_variables);

struct configuration_text {
    std::string text;
    bool exists = false;
};

/// A file that is not there is an error only where `must_exist`. One that cannot be read, is no regular file,
/// has more than a megabyte, or that someone other than this user and root can write, is an error.
outcome<configuration_text> read_configuration_file(const std::filesystem::path& path, bool must_exist);

/// Replaces the file by what `change` makes of its text, in one step: a reader sees the old or the
/// new one, and no concurrent change is lost. Mode 0600, folders above it are made with 0700; a symbolic link
/// stays and its target is replaced. Waits some seconds at most for another program that does the same.
outcome<void>
change_configuration_file(const std::filesystem::path& path,
                          const std::function<outcome<std::string>(const std::string& text)>& change);

} // namespace gestvenv
