"""The arms as they are read: the parts put into the texts, and the names into both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sabotage_evals.prompts import StimulusError, choices, fill, part_names, put_parts
from sabotage_evals.stimuli.drafts import Base, Draft
from sabotage_evals.stimuli.layout import Arm, Layout

Names = Callable[[Arm], Mapping[str, object]]
"""What fills the placeholders in an arm's texts."""


@dataclass(frozen=True)
class Rendered:
    """An arm in one wording: its texts, and the parts that they were put together from."""

    texts: Mapping[str, str]
    parts: Mapping[str, str]


def render_arm(
    draft: Draft[Arm],
    parents: Mapping[str, Draft[Arm]],
    bases: Mapping[str, Base],
    layout: Layout[Arm],
    names: Names[Arm],
    common: Mapping[str, Mapping[str, str]],
) -> dict[str, Rendered]:
    """Render an arm in every wording that it and all that it extends have.

    Args:
        draft: the arm.
        parents: the arms that it may extend.
        bases: the text that arms share, by wording.
        layout: what the scenario's stimuli look like.
        names: what fills the placeholders.
        common: parts that are the same in all arms of a run and stand in no arm's file, by wording.
    """
    filled_in = names(draft.arm)
    line = _line_of(draft, parents)
    rendered: dict[str, Rendered] = {}
    for wording in draft.own if draft.arm.base == "none" else bases:
        if any(each.own and wording not in each.own for each in line):
            continue
        where = f"{draft.name}, wording {wording}"
        if draft.arm.base == "none":
            whole, parts = draft.own[wording], {}
        else:
            whole, parts = bases[wording].whole, {**bases[wording].parts, **common.get(wording, {})}
            for each in line:
                parts |= each.own.get(wording, {})
            parts = {key: _fill_part(text, filled_in, f"{where}, part '{key}'") for key, text in parts.items()}
        texts = {key: put_parts(fill(text, filled_in, where), parts, where) for key, text in whole.items()}
        rendered[wording] = Rendered(layout.finish(draft.arm, texts, where), parts)
    if not rendered:
        raise StimulusError(
            f"{draft.name}: no wording is written in all of {', '.join(each.name for each in line)} and the base "
            f"texts; write one of {', '.join(bases)} in each."
        )
    return rendered


def _fill_part(text: str, names: Mapping[str, object], where: str) -> str:
    if inner := part_names(text):
        raise StimulusError(f"{where}: a part cannot hold another, [[{inner[0]}]]; write out what it says.")
    return fill(text, names, where)


def _line_of(draft: Draft[Arm], parents: Mapping[str, Draft[Arm]]) -> list[Draft[Arm]]:
    """Follow `extends` to its end; the furthest comes first."""
    line = [draft]
    while (name := line[0].arm.extends) is not None:
        if name not in parents:
            raise StimulusError(
                f"{line[0].name}: it extends {name!r}, which is no arm on the shared base; {choices(parents)}."
            )
        if parents[name] in line:
            circle = " → ".join([*(each.arm.arm for each in reversed(line)), name])
            raise StimulusError(f"{draft.name}: 'extends' goes round in a circle ({circle}); take one of them out.")
        line.insert(0, parents[name])
    return line
