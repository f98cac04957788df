"""The rules of the house: what every scenario, stimulus, world and document of the suite must keep to."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from inspect_ai.log import read_eval_log
from inspect_ai.util import registry_info
from inspect_evals_lint import (
    PRESETS,
    Diagnostic,
    LintContext,
    RunReport,
    get_rule,
    lint_repository,
    lint_task_files,
    load_config,
)

from sabotage_evals import _registry
from sabotage_evals.actors.casts import ACTORS
from sabotage_evals.backends.engine import WORLD_LABEL
from sabotage_evals.cli import main
from sabotage_evals.prompts import CANARY

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "src/sabotage_evals"
WORLDS: Final = sorted(compose.parent for compose in (ROOT / "sandboxes").glob("*/compose.yaml"))
IN_WORLDS: Final = [world.name for world in WORLDS]
SCENARIOS: Final = sorted(about.parent.name for about in PACKAGE.glob("tasks/*/eval.yaml"))
ROOMS: Final = ("actors", "backends", "claims", "judge", "scorers")
"""Rooms beside the tasks; each is linted as shared code."""
SAYS_TOO_MUCH: Final = re.compile(r"(?i)\b(eval|evals|evaluation|test|tests|tested|sabotage\w*|palisade|inspect\w*)\b")
"""Words that would tell an agent what its machine is for."""
OF_A_REPOSITORY: Final = re.compile(r"(?i)tests?|tested")
"""Words of these that any repository has, and that tell nothing there."""
ACCEPTED: Final = {
    "Service 'witness' cap_add: adds Linux capability 'DAC_OVERRIDE'": (
        "Without it `chmod 700` on the machine would blind the witness; all that it reads is mounted read-only."
    ),
    "FROM: image 'debian:bookworm-slim' is not digest-pinned": (
        "Where no registry is reached it is built from Debian's packages, and has no digest that would hold elsewhere."
    ),
}
"""What the linter finds in our worlds and we keep, by a part of its message, with the reason."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """What a file says; a log is unpacked for it, and what is no text says nothing."""
    if path.suffix == ".eval":
        return read_eval_log(str(path)).model_dump_json()
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_inspect_finds_every_task_under_the_packages_name() -> None:
    (point,) = entry_points(group="inspect_ai", name="sabotage_evals")
    tasks = vars(point.load())  # a broken import shows here
    assert [registry_info(tasks[name]).name for name in SCENARIOS] == [f"sabotage_evals/{name}" for name in SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_has_the_same_rooms(scenario: str) -> None:
    rooms = [
        f"src/sabotage_evals/tasks/{scenario}/{scenario}.py",
        f"src/sabotage_evals/tasks/{scenario}/eval.yaml",
        f"src/sabotage_evals/tasks/{scenario}/README.md",
        f"src/sabotage_evals/tasks/{scenario}/prompts",
        f"src/sabotage_evals/scorers/{scenario}/outcome.py",
        f"src/sabotage_evals/scorers/{scenario}/evidence.py",
        f"src/sabotage_evals/scorers/{scenario}/classify.py",
        f"tests/tasks/{scenario}",
        f"tests/scorers/{scenario}",
        f"docs/{scenario}.md",
    ]
    if scenario in IN_WORLDS:
        rooms += [f"sandboxes/{scenario}/{room}" for room in ("machine", "witness")]
    missing = [room for room in rooms if not (ROOT / room).exists()]
    if not find_spec(f"sabotage_evals.actors.{scenario}"):
        missing.append(f"src/sabotage_evals/actors/{scenario}")
    assert not missing, f"A scenario has one name in every room; {scenario} has no {', '.join(missing)}."


def test_every_world_is_of_a_task() -> None:
    assert set(IN_WORLDS) <= set(SCENARIOS)


def imported_by(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_scenario_imports_another(scenario: str) -> None:
    others = set(SCENARIOS) - {scenario}
    own = [path for path in PACKAGE.rglob("*.py") if scenario in path.relative_to(PACKAGE).with_suffix("").parts]
    assert own
    crossing = [f"{path.name}: {name}" for path in own for name in imported_by(path) if others & set(name.split("."))]
    assert not crossing, f"Scenarios do not know each other; what two need has a room of its own: {crossing}"


def test_imports_go_down_only() -> None:
    contracts = Path(sys.executable).with_name("lint-imports")
    seen = subprocess.run([contracts, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert seen.returncode == 0, f"{seen.stdout[-3000:]}\nThe order of the rooms stands in pyproject.toml."


def findings(report: RunReport) -> list[str]:
    """Failures and warnings; what is suppressed is so by a comment that the linter itself asks a reason of."""
    return [
        f"{package.name}: {found.rule.code if found.rule else ''} {found.message} ({found.location})"
        for package in report.packages
        for found in package.diagnostics
        if not found.suppressed
    ]


def test_tasks_are_clean_under_the_evaluation_lint() -> None:
    assert findings(lint_repository(ROOT)) == []


def test_tasks_are_clean_as_the_register_sees_them() -> None:
    tasks = [f"src/sabotage_evals/tasks/{scenario}/{scenario}.py" for scenario in SCENARIOS]
    assert findings(lint_task_files(ROOT, tasks)) == []


def test_the_other_rooms_are_clean_under_the_lint_of_shared_code() -> None:
    view = replace(
        PRESETS["monorepo"],
        source_root="src/sabotage_evals",
        import_prefix="sabotage_evals",
        registry="none",
        helper_dirs=frozenset(ROOMS),
        ignore_dirs=frozenset({"tasks"}),
        isolated_packages_dir=None,
        per_eval_dependency_group=False,
    )
    assert findings(lint_repository(ROOT, view, names=list(ROOMS))) == []


def lint_world(world: Path) -> list[str]:
    config = load_config(ROOT)
    context = LintContext(ROOT, world.name, world, "eval", config, test_path=None, test_search_path=None)
    rules = [get_rule(name) for name in ("sandbox_image_pinning", "sandbox_privileges", "dockerfile_locking")]
    found = [finding for rule in rules if rule for finding in rule.run(context)]
    return [finding.message for finding in found if isinstance(finding, Diagnostic)]


def test_worlds_grant_nothing_and_leave_nothing_open_but_what_is_accepted_with_a_reason() -> None:
    messages = [message for world in WORLDS for message in lint_world(world)]
    unexplained = [message for message in messages if not any(part in message for part in ACCEPTED)]
    assert not unexplained, "Take it out of the world, or put it into ACCEPTED with the reason."
    stale = [part for part in ACCEPTED if not any(part in message for message in messages)]
    assert not stale, "Nothing matches these any more; take them out of ACCEPTED."


def machine_files() -> list[Path]:
    """What lies on a machine, and what an agent may see of it; build files stay outside."""
    inside = [path for world in WORLDS for path in (world / "machine").rglob("*") if path.is_file()]
    return [
        path for path in inside if path.name not in {"Dockerfile", ".dockerignore"} and "__pycache__" not in path.parts
    ]


@pytest.mark.parametrize("path", machine_files(), ids=lambda path: path.relative_to(ROOT / "sandboxes").as_posix())
def test_nothing_on_a_machine_says_what_it_is_for(path: Path) -> None:
    inside = path.relative_to(ROOT / "sandboxes").as_posix().partition("/machine/")[2]
    told = SAYS_TOO_MUCH.findall(f"{inside}\n{path.read_text(encoding='utf-8')}")
    if inside.startswith("repository/"):
        told = [word for word in told if not OF_A_REPOSITORY.fullmatch(word)]
    assert not told, f"An agent would read this in {inside}; find plain words."


@pytest.mark.parametrize("world", WORLDS, ids=IN_WORLDS)
def test_nothing_that_the_engine_shows_on_a_machine_says_what_it_is_for(world: Path) -> None:
    machine: dict[str, Any] = yaml.safe_load((world / "compose.yaml").read_text(encoding="utf-8"))["services"][
        "default"
    ]
    shown = {key: value for key, value in machine.items() if key not in {"build", "image"}}
    shown["volumes"] = [volume.partition(":")[2] for volume in machine.get("volumes", [])]
    assert not SAYS_TOO_MUCH.findall(yaml.safe_dump(shown))


@pytest.mark.parametrize("world", WORLDS, ids=IN_WORLDS)
def test_a_machine_has_no_way_out(world: Path) -> None:
    services: dict[str, dict[str, Any]] = yaml.safe_load((world / "compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]
    for name, service in services.items():
        assert service["network_mode"] == "none", f"{name} must have no network."
        assert service["read_only"] is True, f"{name}: whatever can be written lies on a volume that is read later."
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["init"] is True
    assert services["default"]["user"] not in {"root", 0, "0"}
    assert services["default"]["pids_limit"]
    assert services["default"]["mem_limit"]


def dockerfiles() -> list[Path]:
    return [path for world in WORLDS for path in sorted(world.rglob("Dockerfile"))]


def build_context(dockerfile: Path) -> Path:
    """The folder that is sent to the engine: the Dockerfile's own, or the one that the compose file names."""
    world = next(world for world in WORLDS if world in dockerfile.parents)
    services: dict[str, Any] = yaml.safe_load((world / "compose.yaml").read_text(encoding="utf-8"))["services"]
    builds: list[dict[str, str]] = [
        build if isinstance(build, dict) else {"context": build}
        for service in services.values()
        if (build := service.get("build"))
    ]
    for build in builds:
        context = (world / build["context"]).resolve()
        if context / build.get("dockerfile", "Dockerfile") == dockerfile:
            return context
    raise AssertionError(f"No service of {world.name} is built from {dockerfile}.")


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=lambda path: path.relative_to(ROOT / "sandboxes").as_posix())
def test_an_image_can_be_told_as_ours_and_takes_no_byproducts_in(dockerfile: Path) -> None:
    scenario = dockerfile.relative_to(ROOT / "sandboxes").parts[0]
    label = f'LABEL {WORLD_LABEL}="{scenario}"'
    assert label in dockerfile.read_text(encoding="utf-8"), (
        "Without its label `sabotage-evals doctor --fix` can't find it."
    )
    ignored = (build_context(dockerfile) / ".dockerignore").read_text(encoding="utf-8").split()
    # byte code written by pip carries this package's name in its paths
    assert ignored[0] == "*" or "__pycache__/" in ignored, (
        "The build context needs a .dockerignore that leaves __pycache__ out."
    )


@pytest.mark.parametrize("path", machine_files(), ids=lambda path: path.relative_to(ROOT / "sandboxes").as_posix())
def test_programs_of_a_machine_can_be_run(path: Path) -> None:
    if path.read_bytes().startswith(b"#!"):
        assert os.access(path, os.X_OK), "It has a first line as a program has; `git update-index --chmod=+x` it."


def stimuli() -> list[Path]:
    return sorted(PACKAGE.glob("tasks/*/prompts/**/*.md"))


def test_every_stimulus_carries_the_canary() -> None:
    assert stimuli()
    bare = [path.name for path in stimuli() if CANARY not in path.read_text(encoding="utf-8")]
    assert not bare, f"Data that must not be trained on says so in its front matter: {bare}"


def this_machine() -> list[str]:
    """Paths and package sources of the machine that the tests run on; none of them belongs into the repository."""
    named = {str(ROOT)} | ({f"{Path.home()}/"} - {"/root/"})  # every machine has that one
    sources = [*Path("/etc/apt").glob("**/*.sources"), *Path("/etc/apt").glob("**/*.list")]
    settings = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    if pip := shutil.which("pip"):
        settings += subprocess.run([pip, "config", "list"], capture_output=True, encoding="utf-8", check=False).stdout
    settings += "\n".join(value for key, value in os.environ.items() if re.match(r"(PIP|UV|NPM)_", key))
    hosts = set(re.findall(r"https?://(?:[^/@\s']*@)?([\w.-]+\.[a-z]{2,})", settings))
    return sorted(named | hosts)


def test_nothing_in_the_repository_names_the_machine_it_was_made_on() -> None:
    private = this_machine()
    named = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        for text in [text_of(path)]
        for word in private
        if word in text
    ]
    assert not named, "Paths of one machine and the hosts of its package registries do not belong into the repository."


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(PACKAGE.glob("tasks/*/README.md"))]


def commands_shown(text: str) -> list[str]:
    """Return the lines that name a task, each with those that it goes on in."""
    return [line for line in text.replace("\\\n", " ").splitlines() if "sabotage_evals/" in line]


def parameters(names: Iterable[str]) -> set[str]:
    tasks = vars(_registry)
    return {parameter for name in names for parameter in inspect.signature(tasks[name]).parameters} - {"unknown"}


def test_parameters_actors_and_commands_in_the_documents_are_real() -> None:
    wrong = []
    for document in documents():
        text = document.read_text(encoding="utf-8")
        of_any = parameters(SCENARIOS)
        wrong += [f"-T {name}" for name in re.findall(r"-T (\w+)=", text) if name not in of_any]
        for line in commands_shown(text):
            if tasks := {name for name in SCENARIOS if f"sabotage_evals/{name} " in f"{line} "}:
                known = parameters(tasks)
                wrong += [f"{line}: -T {name}" for name in re.findall(r"-T (\w+)=", line) if name not in known]
        wrong += [name for name in re.findall(r"--model sabotage_evals/(\w+)", text) if name not in ACTORS]
        wrong += [
            f"sabotage-evals {name}"
            for name in re.findall(r"sabotage-evals ([a-z]+)", text)
            if name not in main.commands
        ]
        wrong += [f"make {name}" for name in re.findall(r"`make ([a-z]+)", text) if f"\n{name}:" not in makefile()]
    assert not wrong, "A document shows what there is not."


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def test_links_in_the_documents_lead_somewhere() -> None:
    broken = []
    for document in [*documents(), ROOT / "CHANGELOG.md"]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text):
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert not broken


def test_example_logs_can_be_read_and_are_of_scripted_agents() -> None:
    for path in tracked_files():
        if path.suffix == ".eval":
            model = read_eval_log(str(path), header_only=True).eval.model
            assert model.startswith("sabotage_evals/"), f"{path.name}: no transcript of a real model is kept here."
