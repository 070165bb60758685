// The script behind scratch_project.hpp, to stand behind project_copy_function. Its one argument is a JSON
// object: action, tool, program, venv, python, packages, requirements, upgrade, offline, only_wheels, and for
// a project: project, copy, extras, groups, locked. The index comes in variables, because it may
// hold a password and arguments are for everybody to read. The last line of standard output is a JSON object;
// the tool's own words go to standard error.
#pragma once

namespace gestvenv::python {

inline constexpr const char* scratch_project_script = R"script(
import importlib.metadata, json, pathlib, re, subprocess, tempfile

wish = json.loads(sys.argv[1])
venv = pathlib.Path(wish["venv"])
POETRY = wish["tool"] == "poetry"
INDEX = os.environ.pop("GESTVENV_INDEX_URL", None)
EXTRA_INDEXES = os.environ.pop("GESTVENV_EXTRA_INDEX_URLS", "").split()


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_of(distribution):
    """What installs it again as it is."""
    origin = json.loads(distribution.read_text("direct_url.json") or "null")
    if not origin:
        return "%s==%s" % (distribution.metadata["Name"], distribution.version)
    vcs = origin.get("vcs_info")
    url = "%s+%s@%s" % (vcs["vcs"], origin["url"], vcs["commit_id"]) if vcs else origin["url"]
    return "%s @ %s" % (distribution.metadata["Name"], url)


def installed():
    """By normal name: name, version, requirement."""
    places = [str(place) for place in sorted(venv.glob("lib/python*/site-packages"))]
    found = {}
    for one in importlib.metadata.distributions(path=places):
        name = one.metadata["Name"]
        if name:
            found[normal(name)] = (name, one.version, requirement_of(one))
    return found


def as_list(packages):
    return [{"name": one[0], "version": one[1]} for one in packages]


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


def poetry_sources(index):
    lines = ["[[tool.poetry.source]]", 'name = "index"', "url = " + text(index), 'priority = "primary"'] if index else []
    for number, one in enumerate(EXTRA_INDEXES):
        lines += ["[[tool.poetry.source]]", 'name = "extra-%d"' % number, "url = " + text(one),
                  'priority = "supplemental"']
    return lines


def scratch(dependencies):
    lines = ["[project]", 'name = "gestvenv-scratch"', 'version = "0"',
             "requires-python = " + text("==%s.*" % wish["python"]),
             "dependencies = [" + ", ".join(text(one) for one in dependencies) + "]"]
    if POETRY:
        lines += ["[tool.poetry]", "package-mode = false", *poetry_sources(INDEX or default_index())]
    else:
        lines += ["[tool.pdm]", "distribution = false"]
        if INDEX:
            lines += ["[[tool.pdm.source]]", 'name = "pypi"', "url = " + text(INDEX), "verify_ssl = true"]
        for number, one in enumerate(EXTRA_INDEXES):
            lines += ["[[tool.pdm.source]]", 'name = "extra-%d"' % number, "url = " + text(one), "verify_ssl = true"]
    return "\n".join(lines) + "\n"


def run(folder, action, *words):
    """Runs the tool on the project in `folder`, with the environment as the active one."""
    around = pathlib.Path(folder).parent  # removed with all that the tool leaves in it
    variables = dict(os.environ, VIRTUAL_ENV=str(venv), NO_COLOR="1", TMPDIR=str(around),
                     PATH="%s/bin:%s" % (venv, os.environ.get("PATH", "/usr/bin:/bin")))
    for name in ("PYTHONHOME", "PYTHONPATH"):
        variables.pop(name, None)
    if POETRY:
        variables.update(POETRY_NO_INTERACTION="1", POETRY_VIRTUALENVS_CREATE="false", POETRY_KEYRING_ENABLED="false")
        if wish["only_wheels"]:
            variables["POETRY_INSTALLER_ONLY_BINARY"] = ":all:"
        command = [wish["program"], action, "-C", str(folder), "--no-ansi", *words]
    else:
        variables.update(PDM_CHECK_UPDATE="0", PDM_NON_INTERACTIVE="1", PDM_IGNORE_SAVED_PYTHON="1",
                         PDM_LOG_DIR=str(around / "log"))
        if wish["only_wheels"]:
            variables["PDM_ONLY_BINARY"] = ":all:"
        if INDEX:
            variables["PDM_PYPI_URL"] = INDEX
        command = [wish["program"], action, "-p", str(folder), *words]
    return subprocess.run(command, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")


def demand(result):
    if result.returncode != 0:
        sys.stderr.write(result.stdout)
        sys.exit(result.returncode)


def in_scratch(work):
    """What `work` answers for an empty folder, which is removed afterwards."""
    around = pathlib.Path(tempfile.mkdtemp(prefix="scratch-"))
    try:
        (around / "project").mkdir()
        return work(around / "project")
    finally:
        shutil.rmtree(around, ignore_errors=True)


def bring_about(folder, dependencies, exactly=False):
    """Installs `dependencies`; `exactly`: and takes out what they do not need."""
    (folder / "pyproject.toml").write_text(scratch(dependencies), encoding="utf-8")
    for lock in ("poetry.lock", "pdm.lock"):
        (folder / lock).unlink(missing_ok=True)
    if POETRY:
        return run(folder, "sync" if exactly else "install", "--no-root")
    if not exactly:
        return run(folder, "install", "--no-self")
    locked = run(folder, "lock")
    return run(folder, "sync", "--no-self", "--clean") if locked.returncode == 0 else locked


def install_packages(before, dependencies):
    named = {normal(re.match(r"[A-Za-z0-9._-]*", one)[0]) for one in dependencies}
    kept = [] if wish["upgrade"] else [one[2] for key, one in sorted(before.items()) if key not in named]

    def work(folder):
        result = bring_about(folder, dependencies + kept)
        return bring_about(folder, dependencies) if kept and result.returncode != 0 else result

    demand(in_scratch(work))


def uninstall_packages(before):
    named = {normal(one) for one in wish["packages"]}
    if named.isdisjoint(before):
        return
    rest = [one[2] for key, one in sorted(before.items()) if key not in named]
    demand(in_scratch(lambda folder: bring_about(folder, rest, exactly=True)))
    needed = sorted(named & set(installed()))
    if needed:
        refuse("%s keeps %s: what else is installed needs it" % (wish["tool"], ", ".join(needed)))


def table(document, *names):
    for name in names:
        document = document.get(name, {})
    return document


def install_with_poetry(folder, document):
    if wish["locked"]:
        demand(run(folder, "check", "--lock"))
    if INDEX and not table(document, "tool", "poetry").get("source"):
        # Sources are part of what a lock was made for: it is made again, and keeps the versions.
        with open(folder / "pyproject.toml", "a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(poetry_sources(INDEX)) + "\n")
        demand(run(folder, "lock"))
    words = ["--no-root", "--only", ",".join(["main", *wish["groups"]])]
    for extra in wish["extras"]:
        words += ["--extras", extra]
    demand(run(folder, "install", *words))
    if table(document, "tool", "poetry").get("package-mode", True):
        # What it depends on is there. poetry itself would only link to the folder, which is about to go.
        name = table(document, "project").get("name") or table(document, "tool", "poetry").get("name")
        rest = [one[2] for key, one in sorted(installed().items()) if key != normal(name)]
        demand(in_scratch(lambda place: bring_about(place, ["%s @ %s" % (name, folder.as_uri())] + rest)))


def install_with_pdm(folder, document):
    groups = {*table(document, "dependency-groups"), *table(document, "tool", "pdm", "dev-dependencies")}
    words = ["--no-editable"] + (["--check"] if wish["locked"] else [])
    for one in wish["extras"] + wish["groups"]:
        words += ["-G", one]
    if not wish["groups"]:
        words.append("--prod")
    else:
        for one in sorted(groups - set(wish["groups"])):
            words += ["--without", one]
    demand(run(folder, "install", *words))


def install_project():
    folder = pathlib.Path(wish["copy"])
    copy_project(wish["project"], str(folder))
    try:
        import tomlkit  # a part of both tools
        document = tomlkit.parse((folder / "pyproject.toml").read_text(encoding="utf-8")).unwrap()
        (install_with_poetry if POETRY else install_with_pdm)(folder, document)
    finally:
        remove_copy(str(folder))


before = installed()
if wish["action"] == "list":
    print(json.dumps(as_list(sorted(before.values()))))
    sys.exit(0)
# pdm runs parts of itself under the environment's Python, and takes none that it does not run under itself.
oldest = re.match(r">=\s*(\d+)\.(\d+)", importlib.metadata.metadata(wish["tool"])["Requires-Python"] or "")
version = tuple(int(part) for part in wish["python"].split("."))
if not POETRY and oldest and version < (int(oldest[1]), int(oldest[2])):
    refuse("pdm %s does not support Python %s" % (importlib.metadata.version("pdm"), wish["python"]))
if wish["action"] == "uninstall":
    uninstall_packages(before)
elif "project" in wish:
    install_project()
else:
    dependencies = list(wish["packages"])
    for file in wish["requirements"]:
        dependencies += lines_of(file)
    if dependencies:
        install_packages(before, dependencies)
after = installed()
print(json.dumps({"installed": as_list(one for key, one in sorted(after.items()) if before.get(key) != one),
                  "removed": as_list(one for key, one in sorted(before.items()) if after.get(key) != one)}))
)script";

} // namespace gestvenv::python
