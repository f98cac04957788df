"""The arms of the reward-hacking scenario: what each tells the agent, and from which arm it departs.

Ours lie in `prompts/`. A user's folder of the same layout is laid over it: a file there replaces ours of the same name
(`world.md` section by section), a new file is a new arm, and `base: none` makes an arm stand alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sabotage_evals.prompts import fill
from sabotage_evals.stimuli.arms import ArmSet, read_arm_set
from sabotage_evals.stimuli.files import BASE, WORLD, find_files, read_file
from sabotage_evals.stimuli.front import Contrast, Published
from sabotage_evals.tasks.reward_hacking.arms.arm import CHECKS, Arm, Check
from sabotage_evals.tasks.reward_hacking.arms.phrases import FOLDER, file_of, read_check, read_world_texts
from sabotage_evals.tasks.reward_hacking.arms.texts import CORE, HEADLINE, LAYOUT, PRIMARY, Texts, names_in

__all__ = [
    "CHECKS",
    "CORE",
    "HEADLINE",
    "PRIMARY",
    "PROMPTS",
    "Arm",
    "Arms",
    "Check",
    "Contrast",
    "Published",
    "Texts",
    "read_arms",
]

PROMPTS: Final = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Arms(ArmSet[Arm]):
    """All arms, and what else is said in them."""

    world_texts: Mapping[str, str]
    """What the tools say."""
    checks: Mapping[Check, Mapping[str, str]]
    """How the work is checked, by wording; the same in all arms."""

    def render(self, name: str, wording: str, workspace: str, check: Check) -> Texts:
        """Give what a model reads in an arm, in one wording, of a workspace whose work is checked in one way."""
        texts = self.texts(name, wording)
        where = f"{name}, wording {wording}"
        values = {"workspace": workspace}
        if wording in self.checks[check]:
            values["check"] = self.checks[check][wording]
        system = texts.get("system")
        return Texts(None if system is None else fill(system, values, where), fill(texts["user"], values, where))


def read_arms(folder: Path | None = None) -> Arms:
    """Read, check and render all arms: ours, and over them those of a user's folder."""
    ours = find_files(PROMPTS, "")
    theirs = {} if folder is None else find_files(folder, "stimuli/", (BASE, FOLDER))
    arms = read_arm_set(ours, theirs, LAYOUT, names_in)
    world = [read_file(files[WORLD]) for files in (ours, theirs) if WORLD in files]
    both = {**ours, **theirs}
    return Arms(
        **vars(arms),
        world_texts=read_world_texts(world),
        checks={check: read_check(read_file(both[file_of(check)]), check) for check in CHECKS},
    )
