"""The arms of the office: what each is, what it tells the agent and puts into the office, and from which it departs.

Ours lie in `prompts/`, a folder for each scenario with base texts of its own. A user's folder of the same layout is
laid over it: a file there replaces ours of the same name (`world.md` section by section), and a new file is a new arm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sabotage_evals.prompts import StimulusError, choices, read_front
from sabotage_evals.stimuli.arms import ArmSet, read_arm_set
from sabotage_evals.stimuli.files import WORLD, File, find_files, hash_files, read_file
from sabotage_evals.stimuli.front import Contrast, Front, Published
from sabotage_evals.stimuli.phrases import read_phrases
from sabotage_evals.tasks.misalignment_agentic.arms.arm import SCENARIOS, Arm
from sabotage_evals.tasks.misalignment_agentic.arms.texts import CORE, LAYOUT, Texts
from sabotage_evals.tasks.misalignment_agentic.office import SAID, Contents, read_contents

__all__ = ["CORE", "PROMPTS", "SCENARIOS", "WORLD_TEXTS", "Arm", "Arms", "Contrast", "Published", "Texts", "read_arms"]

PROMPTS: Final = Path(__file__).parents[1] / "prompts"
WORLD_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    **SAID,
    **dict.fromkeys(("submit_tool", "submit_report", "go_on"), ()),
}
"""What the tools and the agent's loop say, each with what is filled in."""


@dataclass(frozen=True)
class Arms(ArmSet[Arm]):
    """All arms, and what else is said in them."""

    world_texts: Mapping[str, str]
    """What the tools say."""

    def render(self, name: str, wording: str) -> Texts:
        """Give what a model reads in an arm, in one wording, before it has made a call."""
        texts = self.texts(name, wording)
        return Texts(texts["system"], texts["user"])

    def contents(self, name: str, wording: str) -> Contents:
        """Give what the office of an arm holds, in one wording."""
        return read_contents(self.texts(name, wording), f"{name}, wording {wording}")


def read_arms(folder: Path | None = None) -> Arms:
    """Read, check and render all arms: ours, and over them those of a user's folder."""
    if folder is not None:
        _check(folder)
    worlds = [_world(PROMPTS, ""), *([] if folder is None else [_world(folder, "stimuli/")])]
    found = [file for file in worlds if file is not None]
    sets = [_read(scenario, folder) for scenario in SCENARIOS]
    by_name = {name: arm for each in sets for name, arm in each.by_name.items()}
    return Arms(
        by_name={name: by_name[name] for name in sorted(by_name, key=lambda name: (name not in CORE, name))},
        core=CORE,
        rendered={name: rendered for each in sets for name, rendered in each.rendered.items()},
        file_hashes={key: value for each in sets for key, value in each.file_hashes.items()} | hash_files(found),
        world_texts=_world_texts(found),
    )


def _read(scenario: str, folder: Path | None) -> ArmSet[Arm]:
    ours = find_files(PROMPTS / scenario, "")
    ours = {name: File(file.path, f"{scenario}/{file.shown}", f"{scenario}/{name}") for name, file in ours.items()}
    theirs: dict[str, File] = {}
    if folder is not None and (folder / scenario).is_dir():
        theirs = find_files(folder / scenario, f"stimuli/{scenario}/")
    arms = read_arm_set(ours, theirs, LAYOUT, lambda arm: {})
    for name, arm in arms.by_name.items():
        if arm.scenario != scenario:
            raise StimulusError(f"{scenario}/{name}.md: 'scenario' is {arm.scenario!r}; put it into that folder.")
    return arms


def _check(folder: Path) -> None:
    """Refuse a user's folder in which nothing is read, or something would not be."""
    known = [*SCENARIOS, WORLD]
    inside = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if not set(inside) & set(known):
        raise StimulusError(f"The folder {str(folder)!r} has no stimuli; {choices(known)}.")
    if stray := next((path for path in sorted(folder.glob("*.md")) if path.name != WORLD), None):
        raise StimulusError(f"{stray}: nothing reads a file in this place; put it into {' or '.join(SCENARIOS)}.")


def _world(folder: Path, prefix: str) -> File | None:
    path = folder / WORLD
    return File(path, str(path) if prefix else WORLD, f"{prefix}{WORLD}") if path.is_file() else None


def _world_texts(files: list[File]) -> dict[str, str]:
    stimuli = [read_file(file) for file in files]
    for stimulus in stimuli:
        read_front(stimulus, _BareFront)
    return read_phrases(stimuli, WORLD_TEXTS, {})


class _BareFront(Front):
    pass
