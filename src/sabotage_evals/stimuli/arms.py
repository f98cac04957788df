"""All arms of a scenario, read, checked and rendered, and the choice among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from sabotage_evals.prompts import StimulusError, choices
from sabotage_evals.stimuli.contrasts import check_contrasts
from sabotage_evals.stimuli.drafts import read_bases, read_drafts
from sabotage_evals.stimuli.files import File, hash_files
from sabotage_evals.stimuli.layout import Arm, Layout
from sabotage_evals.stimuli.rendering import Names, Rendered, render_arm


@dataclass(frozen=True)
class ArmSet(Generic[Arm]):
    """All arms that can be run, checked and rendered."""

    by_name: Mapping[str, Arm]
    core: tuple[str, ...]
    """The arms of a run that asks for none in particular."""
    rendered: Mapping[str, Mapping[str, Rendered]]
    """What each arm says, by wording."""
    file_hashes: Mapping[str, str]

    def select(self, names: str | Sequence[str] | None = None) -> tuple[Arm, ...]:
        """Find arms by name, each once: `None` and `core` are the core arms, `all` is every arm."""
        wanted = [names] if isinstance(names, str) else list(names or ["core"])
        found: dict[str, Arm] = {}
        for name in wanted:
            known = {"core": self.core, "all": tuple(self.by_name)}.get(name, (name,))
            found |= {each: self.arm(each) for each in known}
        return tuple(found.values())

    def arm(self, name: str) -> Arm:
        """Find one arm by name."""
        if name not in self.by_name:
            raise StimulusError(f"There is no arm {name!r}; {choices(['core', 'all', *self.by_name])}.")
        return self.by_name[name]

    def wordings(self, name: str, count: int | None = None) -> tuple[str, ...]:
        """Name the wordings that an arm has, or the first so many of them."""
        has = tuple(self.rendered[self.arm(name).arm])
        if count is None or 1 <= count <= len(has):
            return has[:count]
        raise StimulusError(
            f"{count} wordings cannot be had of the arm {name!r}, which has {', '.join(has)}; "
            f"choose a number from 1 to {len(has)}, or write more of them into {name}.md."
        )

    def texts(self, name: str, wording: str) -> Mapping[str, str]:
        """Give the texts of an arm in one wording; one that it does not have is not there."""
        return self._of(name, wording).texts

    def parts(self, name: str, wording: str) -> Mapping[str, str]:
        """Give the parts that an arm's texts were put together from, as they stand there; empty ones too."""
        return self._of(name, wording).parts

    def hashes(self) -> dict[str, str]:
        """Give the SHA-256 of every stimulus file; those of a user's folder are under `stimuli/`, and go before."""
        return dict(self.file_hashes)

    def _of(self, name: str, wording: str) -> Rendered:
        has = self.rendered[self.arm(name).arm]
        if wording not in has:
            raise StimulusError(f"The arm {name!r} has no wording {wording!r}; {choices(has)}.")
        return has[wording]


def read_arm_set(
    ours: Mapping[str, File],
    theirs: Mapping[str, File],
    layout: Layout[Arm],
    names: Names[Arm],
    common: Mapping[str, Mapping[str, str]] | None = None,
) -> ArmSet[Arm]:
    """Read, check and render all arms: ours, and over them those of a user's folder.

    Where a user's arm took the place of ours, our other arms go on: they extend it if it shares our base text and the
    one that was there if it does not, and of their contrasts those remain that still hold.

    Args:
        ours: the scenario's own files.
        theirs: a user's files; empty where there are none.
        layout: what the scenario's stimuli look like.
        names: what fills the placeholders in an arm's texts.
        common: parts that are the same in all arms of a run and stand in no arm's file, by wording.
    """
    bases = read_bases({**ours, **theirs}, layout)
    our_drafts, their_drafts = (read_drafts(files, bases, layout) for files in (ours, theirs))
    drafts = dict(sorted((our_drafts | their_drafts).items()))
    parents = {**our_drafts, **{name: each for name, each in drafts.items() if each.arm.base == "shared"}}
    rendered = {name: render_arm(draft, parents, bases, layout, names, common or {}) for name, draft in drafts.items()}
    return ArmSet(
        by_name={
            name: check_contrasts(draft, drafts, rendered, layout, strict=not theirs or name in their_drafts)
            for name, draft in drafts.items()
        },
        core=layout.core,
        rendered=rendered,
        file_hashes=hash_files([*ours.values(), *theirs.values()]),
    )
