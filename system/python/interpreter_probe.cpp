// SPDX-License-Identifier: MIT
#include "system/python/interpreter_probe.hpp"

#include "messages/json.hpp"
#include "system/python/layout_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace gestvenv::python {

namespace {

// Stands before the answer: site hooks of an interpreter (.pth files, sitecustomize) may print too.
constexpr std::string_view marker = "gestvenv-probe-1:";

// Runs in the probed interpreter, so in the Python of 3.6. The umask is set because `venv` leaves the modes
// of folders and of pyvenv.cfg to it; `venv.main` is what `python -m venv` calls.
constexpr const char* script = R"python(
import json, os, sys

def walk(root):
    entries = []
    def visit(folder, prefix):
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            entry = {"path": prefix + name, "mode": 0, "text": ""}
            entries.append(entry)
            if os.path.islink(path):
                entry["kind"] = "symlink"
                entry["text"] = os.readlink(path)
                continue
            entry["mode"] = os.stat(path).st_mode & 0o777
            if os.path.isdir(path):
                entry["kind"] = "directory"
                visit(path, prefix + name + "/")
            else:
                entry["kind"] = "file"
                with open(path, "rb") as stream:
                    entry["text"] = stream.read().decode("utf-8")
    visit(root, "")
    return entries

def record(name, prompt):
    import shutil, venv
    path = os.path.join(os.getcwd(), name)
    arguments = ["--without-pip"]
    if prompt is not None:
        arguments += ["--prompt", prompt]
    try:
        venv.main(arguments + [path])
        return {"values": {"venv_path": path, "prompt": prompt}, "entries": walk(path)}
    finally:
        shutil.rmtree(path, ignore_errors=True)

def bundled_pip():
    try:
        import ensurepip
    except ImportError:
        return ""
    folders = [getattr(ensurepip, "_WHEEL_PKG_DIR", None),
               os.path.join(os.path.dirname(os.path.abspath(ensurepip.__file__)), "_bundled")]
    for folder in folders:
        if folder and os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name.startswith("pip-" + ensurepip.version() + "-") and name.endswith(".whl"):
                    return os.path.join(folder, name)
    return ""

def answer():
    if sys.version_info < (3, 6):
        return {"error": "it is Python " + sys.version.split()[0] + ", and 3.6 is the oldest that works"}
    os.umask(0o022)
    unusual = "-it's \"one\" c:\\d".replace(":", "")
    return {
        "version": list(sys.version_info[:3]),
        "version_text": sys.version.split()[0],
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "base_prefix": sys.base_prefix,
        "standard_library": os.path.dirname(os.path.abspath(os.__file__)),
        "bundled_pip": bundled_pip(),
        "recording": {
            "quoted_with_prompt": record("gestvenv-sample-1" + unusual, "gestvenv-prompt-1" + unusual),
            "quoted_without_prompt": record("gestvenv-sample-2" + unusual, None),
            "plain_with_prompt": record("gestvenv-sample-3", "gestvenv-prompt-3"),
            "plain_without_prompt": record("gestvenv-sample-4", None),
        },
    }

try:
    text = json.dumps(answer())
except (Exception, SystemExit) as problem:
    text = json.dumps({"error": type(problem).__name__ + ": " + str(problem)})
sys.stdout.write("\n" + MARKER + text + "\n")
)python";

// What the script prints.
struct probe_answer {
    std::string error;
    std::vector<int> version;
    std::string version_text;
    std::string implementation;
    std::string executable;
    std::string base_prefix;
    std::string standard_library;
    std::string bundled_pip;
    layout_recording recording;
};

template <class Inspector>
bool inspect(Inspector& f, probe_answer& x) {
    return f.object(x).fields(
        f.field("error", x.error), f.field("version", x.version), f.field("version_text", x.version_text),
        f.field("implementation", x.implementation), f.field("executable", x.executable),
        f.field("base_prefix", x.base_prefix), f.field("standard_library", x.standard_library),
        f.field("bundled_pip", x.bundled_pip), f.field("recording", x.recording));
}

tl::unexpected<error> unusable(const std::filesystem::path& executable, std::string_view why,
                               std::string hint = {}) {
    if (hint.empty())
        hint = "choose another interpreter with --python";
    return failure(error_code::creation_failed,
                   fmt::format("the interpreter {} cannot be used: {}", executable.string(), why),
                   std::move(hint));
}

std::string_view last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    return text.substr(text.rfind('\n') + 1).substr(0, 200);
}

std::string advice_for(std::string_view problem) {
    if (problem.find("No module named 'venv'") != std::string_view::npos)
        return "its distribution keeps `venv` in a package of its own: on Debian and Ubuntu, "
               "`apt install python3-venv`";
    return {};
}

} // namespace

tool_command probe_command(const std::filesystem::path& executable) {
    tool_command command;
    auto program = fmt::format("MARKER = '{}'\n{}", marker, script);
    // -I: nothing of the caller's folders and variables; -B: no bytecode is left in the interpreter's own
    // library.
    command.arguments = {executable.string(), "-I", "-B", "-c", std::move(program)};
    command.variables = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    return command;
}

outcome<interpreter> parse_probe(const std::filesystem::path& executable, std::string_view standard_output,
                                 std::string_view standard_error) {
    auto begin = standard_output.rfind(marker);
    if (begin == std::string_view::npos) {
        auto said = last_line(standard_error);
        return unusable(executable, said.empty() ? "it did not answer a probe"
                                                 : fmt::format("a probe of it ended with `{}`", said));
    }
    auto text = standard_output.substr(begin + marker.size());
    auto document = parse_json(text.substr(0, text.find('\n')));
    if (!document)
        return unusable(executable, "its answer to a probe is cut off");
    auto parsed = from_json_value<probe_answer>(*document);
    if (!parsed)
        return unusable(executable, "its answer to a probe is not understood: " + parsed.error().message);
    auto& answer = *parsed;
    if (!answer.error.empty())
        return unusable(executable, answer.error, advice_for(answer.error));
    if (answer.version.size() != 3 || answer.executable.empty())
        return unusable(executable, "its answer to a probe lacks the version or the executable");

    auto layout = make_layout(answer.recording);
    if (!layout)
        return unusable(executable, layout.error().message, layout.error().hint);
    interpreter result;
    result.version = {answer.version[0], answer.version[1], answer.version[2]};
    result.version_text = std::move(answer.version_text);
    result.implementation = std::move(answer.implementation);
    result.executable = std::move(answer.executable);
    result.base_prefix = std::move(answer.base_prefix);
    result.standard_library = std::move(answer.standard_library);
    result.bundled_pip = std::move(answer.bundled_pip);
    result.layout = std::move(*layout);
    constexpr std::string_view wanted = "/site-packages";
    for (const auto& entry : result.layout.entries) {
        if (entry.kind == layout_entry_kind::directory && entry.path.ends_with(wanted))
            result.site_packages = entry.path;
    }
    if (result.site_packages.empty())
        return unusable(executable, "the environments it makes have no site-packages");
    return result;
}

} // namespace gestvenv::python
