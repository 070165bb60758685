// SPDX-License-Identifier: MIT
// The script behind scratch_project.hpp, to stand behind project_copy_function and requirements_script. Its
// one argument is a JSON object: action, tool, program, venv, python, python_full, caller, packages,
// requirements, upgrade, offline, only_wheels, application, and for a project: project, copy, extras, groups,
// locked. The index comes in variables, because it may hold a password and arguments are for everybody to
// read. The last line of standard output is a JSON object; the tool's own words go to standard error.
#pragma once

namespace gestvenv::python {

inline constexpr const char* scratch_project_script = R"script(
import importlib.metadata, json, pathlib, subprocess, tempfile, urllib.parse

# What went wrong is said in one line, as the tools say it.
sys.excepthook = lambda kind, problem, _: print("error: %s: %s" % (kind.__name__, problem), file=sys.stderr)
wish = json.loads(sys.argv[1])
venv = pathlib.Path(wish["venv"])
POETRY = wish["tool"] == "poetry"
AROUND = None
INDEX = os.environ.pop("GESTVENV_INDEX_URL", None)
EXTRA_INDEXES = os.environ.pop("GESTVENV_EXTRA_INDEX_URLS", "").split()
PYPI = "https://pypi.org/simple"
FIND_LINKS = [one if "://" in one else pathlib.Path(os.path.join(wish["caller"], one)).as_uri()
              for one in os.environ.pop("GESTVENV_FIND_LINKS", "").split()]


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


def places():
    return [str(place) for place in sorted(venv.glob("lib/*/site-packages"))]


def installed():
    """By normal name: name, version, requirement."""
    found = {}
    for one in importlib.metadata.distributions(path=places()):
        name = one.metadata["Name"]
        if name:
            found[normal(name)] = (name, one.version, requirement_of(one))
    return found


def kept_as_they_are(packages):
    """Requirements of those that could be had again: a folder that one was built from may be gone."""
    def is_gone(requirement):
        place = requirement.partition(" @ file://")[2]
        return place and not os.path.exists(urllib.parse.unquote(place))
    return [one[2] for one in packages if not is_gone(one[2])]


def as_list(packages):
    return [{"name": one[0], "version": one[1]} for one in packages]


def default_index():
    try:
        from pip._internal.models.index import PyPI
        return PyPI.simple_url
    except ImportError:
        return None


def text(value):
    return json.dumps(value)  # a TOML basic string


def poetry_sources(index):
    """Its tables, with the accounts in variables: poetry does not take them from an address as pip does."""
    lines = []
    indexes = ([("index", index, "primary")] if index else []) + [
        ("extra-%d" % number, one, "supplemental") for number, one in enumerate(EXTRA_INDEXES)]
    for name, address, priority in indexes:
        parts = urllib.parse.urlsplit(address)
        if parts.username is not None:
            account = "POETRY_HTTP_BASIC_" + name.upper().replace("-", "_")
            os.environ[account + "_USERNAME"] = urllib.parse.unquote(parts.username)
            os.environ[account + "_PASSWORD"] = urllib.parse.unquote(parts.password or "")
            address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        lines += ["[[tool.poetry.source]]", "name = " + text(name), "url = " + text(address),
                  "priority = " + text(priority)]
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
        for number, one in enumerate(FIND_LINKS):
            lines += ["[[tool.pdm.source]]", 'name = "links-%d"' % number, "url = " + text(one), "verify_ssl = true",
                      'type = "find_links"']
    return "\n".join(lines) + "\n"


def run(folder, action, *words):
    """Runs the tool on the project in `folder`, with the environment as the active one."""
    around = AROUND or pathlib.Path(folder).parent  # removed with all that the tool leaves in it
    variables = dict(os.environ, VIRTUAL_ENV=str(venv), NO_COLOR="1", TMPDIR=str(around),
                     PATH="%s/bin:%s" % (venv, os.environ.get("PATH", "/usr/bin:/bin")))
    for name in ("PYTHONHOME", "PYTHONPATH"):
        variables.pop(name, None)
    if POETRY:
        # What a poetry.toml or the user's configuration says of environments leads elsewhere.
        variables.update(POETRY_NO_INTERACTION="1", POETRY_KEYRING_ENABLED="false", POETRY_VIRTUALENVS_CREATE="false",
                         POETRY_VIRTUALENVS_IN_PROJECT="false",
                         POETRY_VIRTUALENVS_PATH=str(around / "venvs"), POETRY_VIRTUALENVS_USE_POETRY_PYTHON="false")
        if wish["only_wheels"]:
            variables["POETRY_INSTALLER_ONLY_BINARY"] = ":all:"
        command = [wish["program"], action, "-C", str(folder), "--no-ansi", *words]
    else:
        # What the configuration says of environments leads elsewhere; linked files would be the cache's own.
        variables.update(PDM_CHECK_UPDATE="0", PDM_NON_INTERACTIVE="1", PDM_IGNORE_SAVED_PYTHON="1",
                         PDM_LOG_DIR=str(around / "log"), PDM_USE_VENV="1", PDM_VENV_IN_PROJECT="0",
                         PDM_PYTHON=str(venv / "bin/python"))
        if wish["only_wheels"]:
            variables["PDM_ONLY_BINARY"] = ":all:"
        if INDEX:
            variables["PDM_PYPI_URL"] = INDEX
        command = [wish["program"], action, "-p", str(folder), *words]
    result = subprocess.run(command, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if result.returncode != 0 and not POETRY:
        result.stdout += "\n" + build_output(around / "log")
    return result


def build_output(folder):
    """The last lines of a build that failed: pdm has them in its log alone."""
    lines = [line for log in sorted(folder.glob("*")) for line in log.read_text("utf-8", "replace").splitlines()]
    begins = [number for number, line in enumerate(lines) if "last 10 lines of the build output:" in line]
    said = lines[begins[-1] + 1:][:10] if begins else []
    said = said[:next((number for number, line in enumerate(said) if line.startswith("pdm.")), len(said))]
    return "".join("    | %s\n" % line for line in said)


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


def bring_about(folder, dependencies, before):
    """Installs `dependencies`, whose lock names no other files than the hashes asked for allow."""
    (folder / "pyproject.toml").write_text(scratch(dependencies), encoding="utf-8")
    lock = folder / ("poetry.lock" if POETRY else "pdm.lock")
    lock.unlink(missing_ok=True)
    own = ["--no-root"] if POETRY else ["--no-self"]
    if not asked.demands_hashes:
        return run(folder, "install", *own)
    locked = run(folder, "lock")
    if locked.returncode != 0:
        return locked
    keep_allowed_files(lock, before)
    return run(folder, "install" if POETRY else "sync", *own)


def keep_allowed_files(lock, before):
    import tomlkit  # a part of both tools
    document = tomlkit.parse(lock.read_text(encoding="utf-8")).unwrap()
    for package in document.get("package", []):
        name, version = normal(package["name"]), package["version"]
        if name in before and before[name][1] == version:
            continue  # there already
        allowed = asked.hashes.get(name)
        if not allowed:
            refuse("hashes are asked for, and the requirements files have none for %s==%s" % (package["name"], version))
        files = [one for one in package.get("files", []) if one["hash"].lower() in allowed]
        if not files:
            refuse("no file of %s==%s has a hash that the requirements files name" % (package["name"], version))
        package["files"] = files
    lock.write_text(tomlkit.dumps(document), encoding="utf-8")


def install_packages(before, dependencies):
    named = {normal(re.match(r"[A-Za-z0-9._-]*", one)[0]) for one in dependencies}
    kept = [] if wish["upgrade"] else kept_as_they_are(one for key, one in sorted(before.items()) if key not in named)

    def work(folder):
        result = bring_about(folder, dependencies + kept, before)
        return bring_about(folder, dependencies, before) if kept and result.returncode != 0 else result

    demand(in_scratch(work))


def needed_by_others(named):
    """Those of `named` without which something else would not work."""
    from packaging.requirements import InvalidRequirement, Requirement  # a part of both tools
    marked = {"python_version": wish["python"], "python_full_version": wish["python_full"], "extra": ""}
    needed = set()
    for one in importlib.metadata.distributions(path=places()):
        if not one.metadata["Name"] or normal(one.metadata["Name"]) in named:
            continue
        for item in one.requires or []:
            try:
                wanted = Requirement(item)
            except InvalidRequirement:
                continue  # of old packages, which no installer follows either
            if not wanted.marker or wanted.marker.evaluate(marked):
                needed.add(normal(wanted.name))
    return sorted(named & needed)


def uninstall_packages(before):
    named = {normal(one) for one in wish["packages"]} & set(before)
    if not named:
        return
    needed = needed_by_others(named)
    if needed:
        refuse("%s keeps %s: what else is installed needs it" % (wish["tool"], ", ".join(needed)))
    # By the pip that comes with virtualenv, a part of both tools: poetry itself removes packages so. Asked for as
    # projects, they would have to be resolved, and where some have come from may be gone.
    from virtualenv.seed.wheels.embed import get_embed_wheel
    pip = get_embed_wheel("pip", wish["python"])
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    demand(subprocess.run([str(venv / "bin/python"), "-I", os.path.join(str(pip.path), "pip"), "uninstall", "--yes",
                           "--disable-pip-version-check", "--no-input", *sorted(before[key][0] for key in named)],
                          env=dict(variables, PIP_CONFIG_FILE=os.devnull), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"))


def table(document, *names):
    for name in names:
        document = document.get(name, {})
    return document


def group_of(document, name, seen=()):
    """Requirements of a group (PEP 735), with those of the groups that it includes."""
    found = []
    for key, items in table(document, "dependency-groups").items():
        if normal(key) != normal(name) or key in seen:
            continue
        for one in items:
            found += [one] if isinstance(one, str) else group_of(document, one["include-group"], (*seen, key))
    return found


def install_foreign_with_poetry(folder, document):
    """A project that knows nothing of poetry, which would refuse what other tools allow: a version from a repository."""
    extras = "[%s]" % ",".join(wish["extras"]) if wish["extras"] else ""
    wanted = ["%s%s @ %s" % (document["project"]["name"], extras, folder.as_uri())]
    for name in wish["groups"]:
        wanted += group_of(document, name)
    own = normal(document["project"]["name"])
    rest = kept_as_they_are(one for key, one in sorted(installed().items()) if key != own)
    demand(in_scratch(lambda place: bring_about(place, wanted + rest, {})))


def demand_fresh_lock(folder):
    """`poetry check --lock` would refuse more: a README that is missing, classifiers of one's own."""
    from poetry.factory import Factory
    if not Factory().create_poetry(folder).locker.is_fresh():
        refuse("pyproject.toml changed significantly since poetry.lock was last generated",
               "`poetry lock` brings it up to date")


def install_with_poetry(folder, document):
    if not wish["locked"] and not wish["application"] and "name" in table(document, "project") and \
            "poetry" not in table(document, "tool"):
        return install_foreign_with_poetry(folder, document)
    if wish["locked"]:
        demand_fresh_lock(folder)
    index = INDEX or default_index() or PYPI
    is_default = index.rstrip("/") == PYPI and not EXTRA_INDEXES
    if not (is_default and wish["locked"]) and not table(document, "tool", "poetry").get("source"):
        # The default, too, is asked as pip and pdm ask it: mirrors need not have what poetry asks of it otherwise.
        # Sources are part of what a lock was made for: it is made again, and keeps the versions.
        with open(folder / "pyproject.toml", "a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(poetry_sources(index)) + "\n")
        if wish["locked"]:
            demand(run(folder, "lock"))
    # Not `--only main`: a project without dependencies has no such group.
    groups = {*table(document, "dependency-groups"), *table(document, "tool", "poetry", "group")}
    if "dev-dependencies" in table(document, "tool", "poetry"):
        groups.add("dev")
    words = ["--no-root"]
    for one in sorted({normal(one): one for one in groups}.items()):
        words += ["--with" if one[0] in map(normal, wish["groups"]) else "--without", one[1]]
    for extra in wish["extras"]:
        words += ["--extras", extra]
    demand(run(folder, "install", *words))
    if table(document, "tool", "poetry").get("package-mode", True) and not wish["application"]:
        # What it depends on is there. poetry itself would only link to the folder, which is about to go.
        name = table(document, "project").get("name") or table(document, "tool", "poetry").get("name")
        rest = kept_as_they_are(one for key, one in sorted(installed().items()) if key != normal(name))
        demand(in_scratch(lambda place: bring_about(place, ["%s @ %s" % (name, folder.as_uri())] + rest, {})))


def install_with_pdm(folder, document):
    groups = {*table(document, "dependency-groups"), *table(document, "tool", "pdm", "dev-dependencies")}
    words = ["--no-editable"] + (["--check"] if wish["locked"] else [])
    if wish["application"]:
        words.append("--no-self")
    # As the project spells it: pdm passes over a group in another spelling, and succeeds.
    spelled = {normal(one): one for one in groups}
    wanted = [spelled.get(normal(one), one) for one in wish["groups"]]
    for one in wish["extras"] + wanted:
        words += ["-G", one]
    if not wanted:
        words.append("--prod")
    else:
        for one in sorted(groups - set(wanted)):
            words += ["--without", one]
    demand(run(folder, "install", *words))


def has_overlay(folder):
    """Whether what is written there is written for this process alone (system/isolation/overlay.hpp)."""
    real = os.path.realpath(folder) + "/"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
        for line in mounts:
            before, _, kind = line.partition(" - ")
            point = re.sub(r"\\([0-7]{3})", lambda digits: chr(int(digits[1], 8)), before.split(" ")[4])
            if kind.startswith("overlay gestvenv ") and real.startswith(point.rstrip("/") + "/"):
                return True
    return False


def install_project():
    global AROUND
    folder = pathlib.Path(wish["project"])
    if has_overlay(folder):
        AROUND = pathlib.Path(tempfile.mkdtemp(prefix="scratch-"))
        clean = lambda: shutil.rmtree(AROUND, ignore_errors=True)
    else:
        folder = pathlib.Path(wish["copy"])
        copy_project(wish["project"], str(folder))
        clean = lambda: remove_copy(str(folder))
    try:
        import tomlkit  # a part of both tools
        document = tomlkit.parse((folder / "pyproject.toml").read_text(encoding="utf-8")).unwrap()
        if "project" not in document and not {"pdm", "poetry"} & set(table(document, "tool")):
            # Its groups are all there is, and neither tool takes such a file as a project.
            install_packages(before, [one for name in wish["groups"] for one in group_of(document, name)])
        else:
            (install_with_poetry if POETRY else install_with_pdm)(folder, document)
    finally:
        clean()


asked = Requirements(wish["tool"], wish["caller"])
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
    for file in wish["requirements"]:
        asked.read(file)
    if wish["packages"] or asked.wanted:
        install_packages(before, wish["packages"] + asked.wanted)
after = installed()
print(json.dumps({"installed": as_list(one for key, one in sorted(after.items()) if before.get(key) != one),
                  "removed": as_list(one for key, one in sorted(before.items()) if after.get(key) != one)}))
)script";

} // namespace gestvenv::python
