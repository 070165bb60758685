// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/declared_script.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/descriptor_name.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/options/path_checks.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/passed_descriptors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

/// No script that a person wrote is nearly as long.
constexpr std::size_t longest_script = std::size_t{16} << 20;

bool is_python(std::string_view program) {
    auto name = program.substr(program.rfind('/') + 1);
    return name == "python" || name == "python3" ||
           (name.starts_with("python3.") &&
            name.find_first_not_of("0123456789", std::string_view{"python3."}.size()) ==
                std::string_view::npos);
}

/// PEP 441: it brings what it needs.
bool is_zip_application(std::string_view word) {
    return word.ends_with(".pyz") || word.ends_with(".pyzw");
}

bool is_script_name(std::string_view word) {
    return word.ends_with(".py") || word.ends_with(".pyw") || is_zip_application(word);
}

/// What python takes as a program where it is a folder.
bool is_folder_of_a_program(const files::path& folder) {
    std::error_code ignored; // what cannot be looked at is none
    return files::is_directory(folder, ignored) && files::is_regular_file(folder / "__main__.py", ignored);
}

/// The place of the script among the words of a python; 0 where there is none.
std::size_t script_among(const std::vector<std::string>& words) {
    for (std::size_t index = 1; index < words.size(); ++index) {
        const auto& word = words[index];
        if (word.empty() || word.front() != '-')
            return index;
        if (word == "-" || word.starts_with("-c") || word.starts_with("-m"))
            return 0;
        if (word == "-W" || word == "-X")
            ++index;
    }
    return 0;
}

/// The word that names the script; null: there is none.
const std::string* word_of_script(const command_spec& command) {
    const auto& words = command.arguments;
    if (words.empty())
        return nullptr;
    if (!is_python(words.front()))
        return is_script_name(words.front()) ? &words.front() : nullptr;
    const auto place = script_among(words);
    return place == 0 ? nullptr : &words[place];
}

/// From where it is, without moving on: the script is still to be read from there. Without an end that is longer than
/// any script.
outcome<std::string> content_from(int number, std::string_view name) {
    auto offset = ::lseek(number, 0, SEEK_CUR);
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() < longest_script) {
        const auto got = ::pread(number, buffer.data(), buffer.size(), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return bad_value(fmt::format("{} cannot be read: {}", name, reason(errno)),
                             "name a script that can be read");
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        offset += got;
    }
    print_warning(fmt::format("{} is longer than 16 MB: what it declares is looked for before that", name));
    return text;
}

/// What has been read from a pipe is not in it any more.
outcome<void> put_in_place(int number, std::string_view text) {
    descriptor file{::memfd_create("script", MFD_CLOEXEC)};
    if (!file)
        return system_failure(errno, "cannot make a file in memory");
    if (!write_all(file.get(), text) || ::lseek(file.get(), 0, SEEK_SET) != 0 ||
        ::dup2(file.get(), number) < 0)
        return system_failure(errno, "cannot fill a file in memory");
    return {};
}

/// Nothing for a terminal: its lines are still to be typed.
outcome<std::optional<std::string>> content_of_open(int number, std::string_view name) {
    struct stat found {};
    if (::fstat(number, &found) != 0)
        return bad_value(fmt::format("{} cannot be read: {}", name, reason(errno)),
                         "name a script that can be read");
    if (S_ISCHR(found.st_mode))
        return std::nullopt;
    if (S_ISREG(found.st_mode))
        return content_from(number, name).map([](std::string text) {
            return std::optional{std::move(text)};
        });
    return content_of(number, longest_script).and_then([number](std::string text) {
        return put_in_place(number, text).map([&text] { return std::optional{std::move(text)}; });
    });
}

outcome<std::string> content_of_file(const files::path& file) {
    descriptor open{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (!open)
        return bad_value(fmt::format("{} cannot be read: {}", file.native(), reason(errno)),
                         "name a script that can be read");
    return content_from(open.get(), file.native());
}

/// `uv lock --script` makes it.
void note_on_lock(const files::path& script, std::vector<std::string>& warnings) {
    std::error_code ignored; // what cannot be looked at is none
    if (const auto lock = script.native() + ".lock"; files::is_regular_file(lock, ignored))
        warnings.push_back(
            fmt::format("{} is not followed: versions are those that the script's dependencies "
                        "take now",
                        lock));
}

outcome<std::optional<declared_script>> declared_by(std::string_view text, std::string name,
                                                    files::path folder) {
    return read_metadata(text, name).map([&](std::optional<script_metadata> metadata) {
        return std::optional{declared_script{std::move(name), std::move(folder),
                                             std::move(metadata).value_or(script_metadata{})}};
    });
}

} // namespace

std::optional<files::path> script_of(const command_spec& command, const files::path& folder) {
    const auto* word = word_of_script(command);
    if (word == nullptr)
        return std::nullopt;
    auto file = folder / *word;
    std::error_code ignored; // what cannot be looked at says nothing
    return files::is_regular_file(file, ignored) ? std::optional{file.lexically_normal()} : std::nullopt;
}

/// Without its end; empty where the file has none, or cannot be read.
std::string first_line_of(const files::path& file) {
    std::error_code ignored; // what cannot be looked at has none
    if (!files::is_regular_file(file, ignored))
        return {};
    std::array<char, 256> buffer{}; // as much of it as the kernel reads (execve(2))
    std::ifstream content{file, std::ios::binary};
    content.read(buffer.data(), buffer.size());
    std::string line(buffer.data(), static_cast<std::size_t>(content.gcount()));
    line.resize(std::min(line.size(), line.find('\n')));
    return line.starts_with("#!") ? line : std::string{};
}

/// Obeyed, it would start the same again, and again.
bool asks_for_a_runner(const std::string& first_line) {
    return first_line.find("gestvenv run") != std::string::npos ||
           first_line.find("uv run") != std::string::npos;
}

/// Which may be another Python than the environment's.
bool asks_for_python(const std::string& first_line) {
    return first_line.find("python") != std::string::npos || asks_for_a_runner(first_line);
}

bool needs_python_before(const std::string& word, const command_spec& command, const files::path& folder) {
    if (word == "-")
        return true;
    if (auto number = descriptor_named(word))
        return is_open(*number) && !may(word, X_OK);
    const bool is_path = word.find('/') != std::string::npos;
    if (!is_script_name(word))
        return is_path &&
               (asks_for_a_runner(first_line_of(folder / word)) || is_folder_of_a_program(folder / word));
    auto script = script_of(command, folder);
    return script && (!is_path || !may(*script, X_OK) || asks_for_python(first_line_of(*script)));
}

outcome<std::optional<declared_script>> read_script(const command_spec& command, const files::path& folder,
                                                    bool from_input) {
    const auto* word = word_of_script(command);
    auto number =
        from_input ? std::optional{STDIN_FILENO} : (word != nullptr ? descriptor_named(*word) : std::nullopt);
    if (number && is_open(*number)) {
        const std::string name = *number == STDIN_FILENO ? "standard input" : *word;
        auto text = content_of_open(*number, name);
        if (!text)
            return failure(std::move(text).error());
        return *text ? declared_by(**text, name, folder) : std::nullopt;
    }
    auto file = script_of(command, folder);
    if (!file || is_zip_application(file->native()))
        return std::nullopt;
    auto text = content_of_file(*file);
    if (!text)
        return failure(std::move(text).error());
    auto declared = declared_by(*text, file->native(), file->parent_path());
    if (declared && *declared && !(*declared)->metadata.dependencies.empty())
        note_on_lock(*file, (*declared)->metadata.warnings);
    return declared;
}

} // namespace gestvenv::cli
