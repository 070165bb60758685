// The script behind scratch_project.hpp. Its one argument is a JSON object: action, tool, program, venv,
// python, packages, requirements, upgrade, offline, only_wheels. The index comes in variables, because it may
// hold a password and arguments are for everybody to read. The last line of standard output is a JSON object;
// the tool's own words go to standard error.
#pragma once

namespace gestvenv::python {

inline constexpr const char* scratch_project_script = R"script(
import importlib.metadata, json, os, pathlib, re, shutil, subprocess, sys, tempfile

wish = json.loads(sys.argv[1])
venv = pathlib.Path(wish["venv"])


def installed():
    places = [str(place) for place in sorted(venv.glob("lib/python*/site-packages"))]
    found = {}
    for one in importlib.metadata.distributions(path=places):
        name = one.metadata["Name"]
        if name:
            found[re.sub(r"[-_.]+", "-", name).lower()] = (name, one.version)
    return found


def as_list(packages):
    return [{"name": name, "version": version} for name, version in packages]


def refuse(message):
    print("error: " + message, file=sys.stderr)
    sys.exit(2)


def lines_of(path, seen=()):
    if path in seen:
        return []
    wanted = []
    text = pathlib.Path(path).read_text(encoding="utf-8").replace("\\\n", " ")
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s+)#.*$", "", line).strip()
        nested = re.match(r"(?:-r|--requirement)[=\s]+(\S+)$", line)
        if not line:
            continue
        if nested:
            wanted += lines_of(os.path.join(os.path.dirname(path), nested[1]), (*seen, path))
        elif line.startswith("-"):
            refuse("%s cannot take line %d of %s: %s" % (wish["tool"], number, os.path.basename(path), line.split()[0]))
        else:
            wanted.append(re.split(r"\s+--", line)[0].strip())
    return wanted


def default_index():
    try:
        from pip._internal.models.index import PyPI
        return PyPI.simple_url
    except ImportError:
        return None


def text(value):
    return json.dumps(value)  # a TOML basic string


def project(dependencies):
    lines = ["[project]", 'name = "gestvenv-scratch"', 'version = "0"',
             "requires-python = " + text("==%s.*" % wish["python"]),
             "dependencies = [" + ", ".join(text(one) for one in dependencies) + "]"]
    index = os.environ.get("GESTVENV_INDEX_URL")
    extra = [one for one in os.environ.get("GESTVENV_EXTRA_INDEX_URLS", "").split() if one]
    if wish["tool"] == "poetry":
        lines += ["[tool.poetry]", "package-mode = false"]
        index = index or default_index()
        if index:
            lines += ["[[tool.poetry.source]]", 'name = "index"', "url = " + text(index), 'priority = "primary"']
        for number, one in enumerate(extra):
            lines += ["[[tool.poetry.source]]", 'name = "extra-%d"' % number, "url = " + text(one),
                      'priority = "supplemental"']
    else:
        lines += ["[tool.pdm]", "distribution = false"]
        if index:
            lines += ["[[tool.pdm.source]]", 'name = "pypi"', "url = " + text(index), "verify_ssl = true"]
        for number, one in enumerate(extra):
            lines += ["[[tool.pdm.source]]", 'name = "extra-%d"' % number, "url = " + text(one), "verify_ssl = true"]
    return "\n".join(lines) + "\n"


def install(folder, dependencies):
    (folder / "pyproject.toml").write_text(project(dependencies), encoding="utf-8")
    for lock in ("poetry.lock", "pdm.lock"):
        (folder / lock).unlink(missing_ok=True)
    variables = dict(os.environ)
    for name in ("GESTVENV_INDEX_URL", "GESTVENV_EXTRA_INDEX_URLS", "PYTHONHOME", "PYTHONPATH"):
        variables.pop(name, None)
    variables["VIRTUAL_ENV"] = str(venv)
    variables["PATH"] = "%s/bin:%s" % (venv, variables.get("PATH", "/usr/bin:/bin"))
    if wish["tool"] == "poetry":
        variables.update(POETRY_NO_INTERACTION="1", POETRY_VIRTUALENVS_CREATE="false", POETRY_KEYRING_ENABLED="false")
        if wish["only_wheels"]:
            variables["POETRY_INSTALLER_ONLY_BINARY"] = ":all:"
        words = [wish["program"], "install", "-C", str(folder), "--no-root", "--no-ansi"]
    else:
        variables.update(PDM_CHECK_UPDATE="0", PDM_NON_INTERACTIVE="1", PDM_IGNORE_SAVED_PYTHON="1", NO_COLOR="1",
                         PDM_LOG_DIR=str(folder / "log"))
        if wish["only_wheels"]:
            variables["PDM_ONLY_BINARY"] = ":all:"
        words = [wish["program"], "install", "-p", str(folder), "--no-self"]
    return subprocess.run(words, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")


before = installed()
if wish["action"] == "list":
    print(json.dumps(as_list(sorted(before.values()))))
    sys.exit(0)
# pdm runs parts of itself under the environment's Python, and takes none that it does not run under itself.
oldest = re.match(r">=\s*(\d+)\.(\d+)", importlib.metadata.metadata(wish["tool"])["Requires-Python"] or "")
version = tuple(int(part) for part in wish["python"].split("."))
if wish["tool"] == "pdm" and oldest and version < (int(oldest[1]), int(oldest[2])):
    refuse("pdm %s does not support Python %s" % (importlib.metadata.version("pdm"), wish["python"]))
dependencies = list(wish["packages"])
for file in wish["requirements"]:
    dependencies += lines_of(file)
if not dependencies:
    print(json.dumps({"installed": [], "removed": []}))
    sys.exit(0)
named = {re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]*", one)[0]).lower() for one in dependencies}
kept = [] if wish["upgrade"] else ["%s==%s" % one for key, one in sorted(before.items()) if key not in named]
attempts = [dependencies + kept, dependencies] if kept else [dependencies]
folder = pathlib.Path(tempfile.mkdtemp(prefix="scratch-"))
try:
    for wanted in attempts:
        result = install(folder, wanted)
        if result.returncode == 0:
            break
finally:
    shutil.rmtree(folder, ignore_errors=True)
sys.stderr.write(result.stdout)
if result.returncode != 0:
    sys.exit(result.returncode)
after = installed()
print(json.dumps({"installed": as_list(one for key, one in sorted(after.items()) if before.get(key) != one),
                  "removed": as_list(one for key, one in sorted(before.items()) if after.get(key) != one)}))
)script";

} // namespace gestvenv::python
