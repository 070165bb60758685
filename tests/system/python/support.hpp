// SPDX-License-Identifier: MIT
// What the tests of system/python share: scratch folders, a way to run a described command, and this
// machine's interpreters.
#pragma once

#include "system/python/backends/backend.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/tool_command.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::test {

/// A folder that is empty at first and gone, with all that is in it, at the end.
class scratch_folder {
public:
    scratch_folder();
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder();

    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Starts a command and waits for its end; its standard input is empty. Throws where it cannot be started.
python::tool_result run(const python::tool_command& command, const std::filesystem::path& working_folder);

/// Parsed; throws where one is no requirement.
std::vector<python::requirement> requirements(const std::vector<std::string>& texts);

/// The variables of this process.
python::variable_map process_variables();

/// Makes a file and the folders it needs.
void write_file(const std::filesystem::path& path, std::string_view content, bool executable = false);

/// What looks like an interpreter to a search, and cannot be run.
void write_fake_interpreter(const std::filesystem::path& path);

std::string read_file(const std::filesystem::path& path);

/// Everything below a folder: path to a line of kind, mode and content or target. No link is followed.
std::map<std::string, std::string> tree_of(const std::filesystem::path& folder);

/// An interpreter that tests use where this machine has it.
struct known_interpreter {
    std::string name;
    std::filesystem::path executable;
};

/// pyenv's 3.8 to 3.13 and the system's own, whether or not they are there.
std::vector<known_interpreter> known_interpreters();

/// A probe of `executable`, made once per program; the test is failed or skipped where there is none.
const python::interpreter& probed(const known_interpreter& known);

/// Writes the environment of `interpreter` at `path`, which must not exist yet.
void write_environment(const python::interpreter& interpreter, const python::layout_values& values);

} // namespace gestvenv::test
