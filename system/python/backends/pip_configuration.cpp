// SPDX-License-Identifier: MIT
#include "system/python/backends/pip_configuration.hpp"

#include "system/python/backends/installer_variables.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <string_view>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// Options by pip's long name without the dashes before it, such as `index-url`.
using option_map = std::map<std::string, std::string>;

std::string value_of(const std::map<std::string, std::string>& values, const std::string& name) {
    auto it = values.find(name);
    return it == values.end() ? std::string{} : it->second;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    auto first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string> words_in(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::string option_name(std::string_view text) {
    std::string name;
    for (char c : text)
        name += c == '_' ? '-' : ascii_lower(c);
    return name;
}

bool is_true(const std::string& text) {
    auto word = option_name(text); // lower case
    return word == "1" || word == "true" || word == "yes" || word == "y" || word == "t" || word == "on";
}

// Python's configparser: `[section]`, `key = value` or `key: value`, indented lines continue a value, whole
// lines beginning with `#` or `;` are comments. [`command`] wins over [global] wherever it stands.
void read_file(const fs::path& file, const std::string& command, option_map& options) {
    constexpr std::size_t largest = 1 << 20;
    std::error_code problem; // what is no file, or cannot be looked at, pip does not read either
    if (!fs::is_regular_file(file, problem))
        return;
    std::ifstream stream{file, std::ios::binary};
    std::string text(largest, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));

    std::map<std::string, option_map> sections;
    std::string section;
    std::string* value = nullptr;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        auto content = trimmed(line);
        if (content.empty() || content.front() == '#' || content.front() == ';')
            continue;
        if (value && (line.front() == ' ' || line.front() == '\t')) {
            *value += '\n';
            *value += content;
            continue;
        }
        value = nullptr;
        if (content.front() == '[' && content.back() == ']') {
            section = content.substr(1, content.size() - 2);
            continue;
        }
        auto separator = content.find_first_of("=:");
        if (separator == std::string_view::npos)
            continue;
        value = &sections[section][option_name(trimmed(content.substr(0, separator)))];
        *value = trimmed(content.substr(separator + 1));
    }
    for (const auto& name : {std::string{"global"}, command}) {
        for (const auto& [key, text_of_key] : sections[name])
            options[key] = text_of_key;
    }
}

// `index-url` as PIP_INDEX_URL.
std::string variable_of(std::string_view option) {
    std::string name = "PIP_";
    for (char c : option)
        name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return name;
}

void read_variables(const variable_map& variables, option_map& options) {
    constexpr std::string_view prefix = "PIP_";
    for (const auto& [name, value] : variables) {
        if (name.starts_with(prefix) && !value.empty()) // pip takes an empty one for unset
            options[option_name(std::string_view{name}.substr(prefix.size()))] = value;
    }
}

} // namespace

std::vector<fs::path> pip_configuration_files(const variable_map& variables, const fs::path& system_folder) {
    auto own = value_of(variables, "PIP_CONFIG_FILE");
    if (own == "/dev/null")
        return {};
    std::vector<fs::path> files{system_folder / "xdg/pip/pip.conf", system_folder / "pip.conf"};
    if (fs::path home = value_of(variables, "HOME"); !home.empty()) {
        files.push_back(home / ".pip/pip.conf");
        fs::path configuration = value_of(variables, "XDG_CONFIG_HOME");
        files.push_back((configuration.is_absolute() ? configuration : home / ".config") / "pip/pip.conf");
    }
    if (!own.empty())
        files.emplace_back(own);
    return files;
}

pip_settings read_pip_settings(const variable_map& variables, const std::vector<fs::path>& files) {
    option_map options;
    for (const auto& file : files)
        read_file(file, "install", options);
    read_variables(variables, options);
    pip_settings settings;
    settings.index_url = value_of(options, "index-url");
    settings.extra_index_urls = words_in(value_of(options, "extra-index-url"));
    settings.find_links = words_in(value_of(options, "find-links"));
    settings.constraints = words_in(value_of(options, "constraint"));
    settings.trusted_hosts = words_in(value_of(options, "trusted-host"));
    settings.certificates = value_of(options, "cert");
    settings.client_certificate = value_of(options, "client-cert");
    settings.proxy = value_of(options, "proxy");
    settings.timeout = value_of(options, "timeout");
    if (settings.timeout.empty())
        settings.timeout = value_of(options, "default-timeout");
    settings.no_index = is_true(value_of(options, "no-index"));
    return settings;
}

variable_map with_settings_that_stay(variable_map variables, const std::vector<fs::path>& files,
                                     const std::string& command) {
    option_map options;
    for (const auto& file : files)
        read_file(file, command, options);
    bool misleads = false;
    variable_map rest;
    for (const auto& [option, value] : options) {
        auto name = variable_of(option);
        if (reaches_installer(name))
            rest.emplace(std::move(name), value);
        else
            misleads = true;
    }
    if (!misleads)
        return variables;
    variables.merge(rest); // a variable wins over a file
    variables["PIP_CONFIG_FILE"] = "/dev/null";
    return variables;
}

} // namespace gestvenv::python
