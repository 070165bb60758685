// SPDX-License-Identifier: MIT
// Python that reads requirements files for tools that know none (pdm, poetry), as pip reads them. To stand
// behind project_copy_function and before scratch_project_script. Defines `refuse(message)`, which ends the
// process with status 2, and the class `Requirements`: what is asked for, with the hashes that it must have.
// What these tools cannot do, an option of pip's own or a constraint, is refused and not passed over.
#pragma once

namespace gestvenv::python {

inline constexpr const char* requirements_script = R"script(
import codecs, re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def refuse(message, hint=None):
    print("error: " + message, file=sys.stderr)
    if hint:
        print("hint: " + hint, file=sys.stderr)
    sys.exit(2)


def decoded(path):
    """The text of a requirements file, decoded as pip does."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        for mark, encoding in MARKS:
            if data.startswith(mark):
                return data[len(mark):].decode(encoding)
        for line in data.split(b"\n")[:2]:
            declared = re.search(rb"coding[:=]\s*([-\w.]+)", line) if line.startswith(b"#") else None
            if declared:
                return data.decode(declared[1].decode("ascii"))
        return data.decode("utf-8")
    except (UnicodeError, LookupError) as problem:
        refuse("%s cannot be decoded: %s" % (os.path.basename(path), problem))


def logical_lines(text):
    """(number, line): joined where one ends in a backslash, without comments."""
    whole, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            whole += line[:-1]
            continue
        line = re.sub(r"(^|\s+)#.*$", "", whole + line).strip()
        if line:
            yield first, line
        whole, first = "", 0
    if whole.strip():
        yield first, whole.strip()


def with_variables(line):
    return re.sub(r"\$\{([A-Z0-9_]+)\}", lambda name: os.environ.get(name[1], name[0]), line)


def name_of_project(folder):
    import tomlkit  # a part of both tools
    try:
        with open(os.path.join(folder, "pyproject.toml"), encoding="utf-8") as file:
            document = tomlkit.parse(file.read()).unwrap()
    except (OSError, ValueError):
        return None
    return document.get("project", {}).get("name") or document.get("tool", {}).get("poetry", {}).get("name")


ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")


def name_of_file(place):
    """That a wheel or a source distribution is named after."""
    file = place.rpartition("/")[2]
    return file.split("-")[0] if file.endswith(".whl") else file.rpartition("-")[0] if file.endswith(ARCHIVES) else None


def from_place(text, caller):
    """`./lib`, `dist/a-1.0-py3-none-any.whl` and `git+https://host/a#egg=a` with the name that both tools want first."""
    place, marker = (re.split(r"\s*;\s*", text, maxsplit=1) + [""])[:2]
    place, _, fragment = place.partition("#")
    facts = [one for one in fragment.split("&") if one]
    name = next((one[4:] for one in facts if one.startswith("egg=")), None)
    extras = re.search(r"\[[^\]]*\]\s*$", place)
    place = place[:extras.start()] if extras else place
    if re.match(r"[A-Za-z+]+://", place) and not place.startswith("file://"):
        url = place
        name = name or name_of_file(urllib.parse.unquote(urllib.parse.urlsplit(place).path))
    else:
        if place.startswith("file:"):
            place = urllib.parse.unquote(re.sub(r"^file:(//(localhost)?(?=/))?", "", place))
        path = os.path.normpath(os.path.join(caller, place))
        url = pathlib.Path(path).as_uri()
        name = name or (name_of_project(path) if os.path.isdir(path) else name_of_file(path))
    if not name:
        return None
    rest = "&".join(one for one in facts if not one.startswith("egg="))
    return "%s%s @ %s%s%s" % (name, extras[0].strip() if extras else "", url, "#" + rest if rest else "",
                              " ; " + marker if marker else "")


class Requirements:
    """What requirements files ask for, as both tools take it."""

    def __init__(self, tool, caller):
        self.tool, self.caller = tool, caller
        self.wanted = []
        self.hashes = {}  # by normal name; one that is asked for makes all needed, as for pip
        self.demands_hashes = False
        self.seen = set()

    def read(self, path):
        if os.path.realpath(path) in self.seen:
            return
        self.seen.add(os.path.realpath(path))
        for number, line in logical_lines(decoded(path)):
            self.take(path, number, with_variables(line))

    def take(self, path, number, line):
        nested = re.match(r"(?:-r|--requirement)[=\s]*(\S+)$", line)
        if nested and "://" in nested[1]:
            refuse("%s reads no requirements file from the web: %s" % (self.tool, nested[1]),
                   "use --backend uv or pip, or fetch the file first")
        elif nested:
            self.read(os.path.join(os.path.dirname(path), nested[1]))
        elif line == "--require-hashes":
            self.demands_hashes = True
        elif line.startswith("-"):
            self.refuse(path, number, re.split(r"[\s=]", line)[0])
        else:
            self.take_requirement(path, number, line)

    def take_requirement(self, path, number, line):
        text, *options = re.split(r"\s+(?=--?[A-Za-z])", line)
        name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*(?=\s*($|[\[;@<>=!~(]|\s))", text)
        before_address = re.split(r"\s*[@;]", text)[0].rstrip()
        if not name or os.sep in before_address or before_address.endswith(ARCHIVES):
            text = from_place(text, self.caller)
            if not text:
                refuse("%s needs the name of what line %d of %s asks for: NAME @ URL"
                       % (self.tool, number, os.path.basename(path)))
            name = re.match(r"[A-Za-z0-9._-]+", text)
        for option in options:
            one = re.match(r"--hash[=\s]\s*[\"']?(\w+:[0-9A-Fa-f]+)[\"']?$", option)
            if not one:
                self.refuse(path, number, re.split(r"[\s=]", option)[0])
            self.demands_hashes = True
            self.hashes.setdefault(re.sub(r"[-_.]+", "-", name[0]).lower(), set()).add(one[1].lower())
        self.wanted.append(text)

    def refuse(self, path, number, what):
        refuse("%s cannot take line %d of %s: %s" % (self.tool, number, os.path.basename(path), what),
               "uv and pip can: --backend uv")
)script";

} // namespace gestvenv::python
