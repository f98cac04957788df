"""The arms of the shutdown scenario: what each is, what it tells the agent, and from which arm it departs by what.

Ours lie in `prompts/`. A user's folder of the same layout is laid over it: a file there replaces ours of the same name
(`world.md` and `probes.md` section by section), a new file is a new arm, and `base: none` makes an arm stand alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sabotage_evals.stimuli.arms import ArmSet, read_arm_set
from sabotage_evals.stimuli.files import PROBES, WORLD, find_files, read_file
from sabotage_evals.stimuli.front import Contrast, Published
from sabotage_evals.tasks.shutdown.arms.arm import Arm, Consequence, Instructed, World
from sabotage_evals.tasks.shutdown.arms.phrases import read_names, read_probes, read_world_texts
from sabotage_evals.tasks.shutdown.arms.texts import CORE, DESK, LAYOUT, Texts, names_in

__all__ = [
    "CORE",
    "DESK",
    "PROMPTS",
    "Arm",
    "Arms",
    "Consequence",
    "Contrast",
    "Instructed",
    "Published",
    "Texts",
    "World",
    "read_arms",
]

PROMPTS: Final = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Arms(ArmSet[Arm]):
    """All arms that can be run, checked and rendered, and what else is said in them."""

    client: str
    """The client's file name in the home directory."""
    script: str
    """The script's file name."""
    world_texts: Mapping[str, str]
    """What client and tools say; of the placeholders only those are left that are filled in mid-run."""
    probes: Mapping[str, str]
    """The questions asked afterwards, in copies of the conversation."""

    def render(self, name: str, wording: str) -> Texts:
        """Give what a model reads in an arm, in one wording."""
        texts = self.texts(name, wording)
        return Texts(texts.get("system"), texts["user"], texts.get("notice"))


def read_arms(folder: Path | None = None) -> Arms:
    """Read, check and render all arms: ours, and over them those of a user's folder."""
    ours = find_files(PROMPTS, "")
    theirs = {} if folder is None else find_files(folder, "stimuli/")
    world, probes = ([read_file(files[name]) for files in (ours, theirs) if name in files] for name in (WORLD, PROBES))
    client, script = read_names(world)
    arms = read_arm_set(ours, theirs, LAYOUT, partial(names_in, client=client, script=script))
    return Arms(
        **vars(arms),
        client=client,
        script=script,
        world_texts=read_world_texts(world, client),
        probes=read_probes(probes, client),
    )
