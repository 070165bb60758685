// SPDX-License-Identifier: MIT
#include "tests/system/python/support.hpp"

#include "system/launcher/write_layout.hpp"
#include "system/python/interpreter_probe.hpp"
#include "system/python/requirement.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace gestvenv::test {

namespace fs = std::filesystem;

scratch_folder::scratch_folder() {
    auto name = "tgv-" + std::to_string(::getpid()) + "-XXXXXX"; // as in tests/support/temporary_folder.cpp
    std::string pattern = (fs::temp_directory_path() / name).string();
    if (!::mkdtemp(pattern.data()))
        throw std::runtime_error{"mkdtemp: " + std::string{std::strerror(errno)}};
    path_ = fs::canonical(pattern);
}

scratch_folder::~scratch_folder() {
    std::error_code ignored; // a test that leaves a file behind fails in its own words
    fs::remove_all(path_, ignored);
}

namespace {

struct pipe_ends {
    int read = -1;
    int write = -1;

    pipe_ends() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error{"pipe2"};
        read = ends[0];
        write = ends[1];
    }
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;
    ~pipe_ends() {
        close_one(read);
        close_one(write);
    }
    static void close_one(int& end) {
        if (end >= 0)
            ::close(end);
        end = -1;
    }
};

void drain(pipe_ends& out, std::string& out_text, pipe_ends& err, std::string& err_text) {
    while (out.read >= 0 || err.read >= 0) {
        pollfd ends[2] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};
        ::poll(ends, 2, -1);
        auto take = [](const pollfd& ready, pipe_ends& from, std::string& text) {
            if (ready.fd < 0 || ready.revents == 0)
                return;
            char buffer[65536];
            auto count = ::read(from.read, buffer, sizeof buffer);
            if (count > 0)
                text.append(buffer, static_cast<std::size_t>(count));
            else if (count == 0 || errno != EINTR)
                pipe_ends::close_one(from.read);
        };
        take(ends[0], out, out_text);
        take(ends[1], err, err_text);
    }
}

} // namespace

python::tool_result run(const python::tool_command& command, const fs::path& working_folder) {
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::vector<std::string> lines;
    for (const auto& [name, value] : command.variables)
        lines.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (auto& line : lines)
        variables.push_back(line.data());
    variables.push_back(nullptr);

    pipe_ends out;
    pipe_ends err;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.write, 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.write, 2);
    ::posix_spawn_file_actions_addchdir_np(&actions, working_folder.c_str());
    pid_t child = -1;
    int problem = ::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), variables.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (problem != 0)
        throw std::runtime_error{command.arguments[0] + ": " + std::strerror(problem)};
    pipe_ends::close_one(out.write);
    pipe_ends::close_one(err.write);

    python::tool_result result;
    drain(out, result.standard_output, err, result.standard_error);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

std::vector<python::requirement> requirements(const std::vector<std::string>& texts) {
    return python::validate_packages(texts).value();
}

python::variable_map process_variables() {
    python::variable_map variables;
    for (char** line = environ; *line; ++line) {
        std::string_view text{*line};
        if (auto equals = text.find('='); equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

void write_file(const fs::path& path, std::string_view content, bool executable) {
    fs::create_directories(path.parent_path());
    std::ofstream stream{path, std::ios::binary};
    stream << content;
    stream.close();
    REQUIRE(stream);
    if (executable)
        fs::permissions(path, fs::perms{0755});
}

void write_fake_interpreter(const fs::path& path) {
    write_file(path,
               "\x7f"
               "ELF, says a test",
               true);
}

std::string read_file(const fs::path& path) {
    std::ifstream stream{path, std::ios::binary};
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

std::map<std::string, std::string> tree_of(const fs::path& folder) {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        auto status = entry.symlink_status();
        auto mode = static_cast<unsigned>(status.permissions());
        std::string line;
        if (fs::is_symlink(status))
            line = "link to " + fs::read_symlink(entry.path()).string();
        else if (fs::is_directory(status))
            line = fmt::format("folder {:o}", mode);
        else
            line = fmt::format("file {:o}\n{}", mode, read_file(entry.path()));
        tree.emplace(entry.path().lexically_relative(folder).string(), line);
    }
    return tree;
}

std::vector<known_interpreter> known_interpreters() {
    std::vector<known_interpreter> known;
    auto variables = process_variables();
    fs::path pyenv = variables.contains("PYENV_ROOT") ? fs::path{variables["PYENV_ROOT"]}
                                                      : fs::path{variables["HOME"]} / ".pyenv";
    for (int minor = 8; minor <= 13; ++minor) {
        auto prefix = fmt::format("3.{}.", minor);
        fs::path found;
        std::error_code absent; // without pyenv there are no versions
        for (const auto& version : fs::directory_iterator{pyenv / "versions", absent}) {
            if (version.path().filename().string().starts_with(prefix))
                found = version.path() / "bin/python";
        }
        known.push_back({fmt::format("3.{}", minor), found});
    }
    known.push_back({"the system's", "/usr/bin/python3"});
    return known;
}

const python::interpreter& probed(const known_interpreter& known) {
    static std::map<fs::path, python::interpreter> answers;
    if (known.executable.empty() || !fs::exists(known.executable))
        SKIP("this machine has no Python " << known.name);
    auto it = answers.find(known.executable);
    if (it == answers.end()) {
        scratch_folder scratch;
        auto result = run(python::probe_command(known.executable), scratch.path());
        auto answer = python::parse_probe(known.executable, result.standard_output, result.standard_error);
        if (!answer)
            FAIL(answer.error().message);
        REQUIRE(fs::is_empty(scratch.path()));
        it = answers.emplace(known.executable, std::move(*answer)).first;
    }
    return it->second;
}

void write_environment(const python::interpreter& interpreter, const python::layout_values& values) {
    fs::create_directories(values.venv_path);
    int directory = ::open(values.venv_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(directory >= 0);
    auto written = write_layout(directory, interpreter.layout, values);
    ::close(directory);
    if (!written)
        FAIL(written.error().message);
}

} // namespace gestvenv::test
