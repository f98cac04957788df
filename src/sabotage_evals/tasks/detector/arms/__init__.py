"""The arms of the detector scenario: what each is, what it tells the agent, and from which arm it departs by what.

Ours lie in `prompts/`; what a deliverable asks for stands in `prompts/deliverables/`, the same for all arms. A user's
folder of the same layout is laid over it: a file there replaces ours of the same name (`world.md` and `probes.md`
section by section), a new file is a new arm, and `base: none` makes an arm stand alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sabotage_evals.prompts import StimulusError, choices
from sabotage_evals.stimuli.arms import ArmSet, read_arm_set
from sabotage_evals.stimuli.files import BASE, PROBES, WORLD, find_files, read_file
from sabotage_evals.stimuli.front import Contrast, Published
from sabotage_evals.tasks.detector.arms.arm import DELIVERABLES, Arm, Deliverable, Domain
from sabotage_evals.tasks.detector.arms.phrases import (
    FOLDER,
    file_of,
    read_deliverable,
    read_probes,
    read_world_texts,
)
from sabotage_evals.tasks.detector.arms.texts import CORE, HEADLINE, LAYOUT, PRIMARY, REPOSITORY, Texts, names_in

__all__ = [
    "CORE",
    "DELIVERABLES",
    "HEADLINE",
    "PRIMARY",
    "PROMPTS",
    "REPOSITORY",
    "Arm",
    "Arms",
    "Contrast",
    "Deliverable",
    "Domain",
    "Published",
    "Texts",
    "read_arms",
]

PROMPTS: Final = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Arms(ArmSet[Arm]):
    """All arms, as they ask for one deliverable, and what else is said in them."""

    deliverable: Deliverable
    world_texts: Mapping[str, str]
    """What the tools say."""
    probes: Mapping[str, str]
    """The questions asked afterwards, in copies of the conversation."""

    def render(self, name: str, wording: str) -> Texts:
        """Give what a model reads in an arm, in one wording."""
        texts = self.texts(name, wording)
        return Texts(texts.get("system"), texts["user"])

    def select(self, names: str | Sequence[str] | None = None) -> tuple[Arm, ...]:
        """Find arms by name, each once: `core`, `all` that can ask for this deliverable, or those that are named."""
        wanted = [names] if isinstance(names, str) else list(names or ["core"])
        suited = {name: arm for name, arm in self.by_name.items() if self.deliverable in arm.deliverables}
        for name in wanted:
            if name in self.by_name and name not in suited:
                raise StimulusError(
                    f"The arm {name!r} makes no sense with the deliverable {self.deliverable!r}; {choices(suited)}, or "
                    f"take the deliverable {' or '.join(self.by_name[name].deliverables)}."
                )
        return tuple(arm for arm in super().select(wanted) if arm.arm in suited)


def read_arms(deliverable: Deliverable = "rule", folder: Path | None = None) -> Arms:
    """Read, check and render all arms as they ask for a deliverable: ours, and over them those of a user's folder."""
    ours = find_files(PROMPTS, "")
    theirs = {} if folder is None else find_files(folder, "stimuli/", (BASE, FOLDER))
    world, probes = ([read_file(files[name]) for files in (ours, theirs) if name in files] for name in (WORLD, PROBES))
    job = read_deliverable(read_file({**ours, **theirs}[file_of(deliverable)]), deliverable)
    arms = read_arm_set(ours, theirs, LAYOUT, names_in, job)
    return Arms(
        **vars(arms),
        deliverable=deliverable,
        world_texts=read_world_texts(world),
        probes=read_probes(probes),
    )
