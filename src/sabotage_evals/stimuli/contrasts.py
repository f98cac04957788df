"""The contrasts that arms declare: whether two arms differ in what they say and in nothing else."""

from collections.abc import Mapping

from sabotage_evals.prompts import StimulusError, choices
from sabotage_evals.stimuli.drafts import Draft
from sabotage_evals.stimuli.front import Contrast
from sabotage_evals.stimuli.layout import Arm, Layout
from sabotage_evals.stimuli.rendering import Rendered


def check_contrasts(
    draft: Draft[Arm],
    drafts: Mapping[str, Draft[Arm]],
    rendered: Mapping[str, Mapping[str, Rendered]],
    layout: Layout[Arm],
    strict: bool,
) -> Arm:
    """Return the arm with the contrasts that hold; where it has to keep all of them, the first that does not raises."""
    held: list[Contrast] = []
    for contrast in draft.arm.contrasts:
        problem = _problem_of(contrast, draft, drafts, rendered, layout)
        if problem is None:
            held.append(contrast)
        elif strict:
            raise StimulusError(f"{draft.name}: the contrast with {contrast.other!r} {problem}.")
    return draft.arm.model_copy(update={"contrasts": tuple(held)})


def _problem_of(
    contrast: Contrast,
    draft: Draft[Arm],
    drafts: Mapping[str, Draft[Arm]],
    rendered: Mapping[str, Mapping[str, Rendered]],
    layout: Layout[Arm],
) -> str | None:
    name = draft.arm.arm
    if contrast.other not in drafts or contrast.other == name:
        return f"is with no other arm; {choices(each for each in drafts if each != name)}"
    other = drafts[contrast.other].arm
    mine, theirs = rendered[name], rendered[other.arm]
    shared = [wording for wording in mine if wording in theirs]
    if not shared:
        return f"has no wording in common; write one of {', '.join(theirs)}"
    for wording in shared:
        whole = "none" in {draft.arm.base, other.base}
        differing = (
            _differing(mine[wording], theirs[wording], layout)
            if whole
            else _parts_differing(mine[wording], theirs[wording])
        )
        if differing != set(contrast.parts):
            return (
                f"declares the parts [{', '.join(contrast.parts)}], but in {wording} the texts differ in "
                f"[{', '.join(sorted(differing))}]; make the two lists one"
            )
    if not contrast.parts and layout.world(draft.arm) == layout.world(other):
        return "differs in nothing; change a part or the world, or take it out"
    return None


def _parts_differing(one: Rendered, other: Rendered) -> set[str]:
    return {key for key in one.parts if one.parts[key] != other.parts[key]}


def _differing(one: Rendered, other: Rendered, layout: Layout[Arm]) -> set[str]:
    """Name the whole texts that differ; one that a world leaves out is no difference in what is said."""
    return {
        key
        for key in layout.texts
        if one.texts.get(key) != other.texts.get(key)
        and not (key in layout.by_world and (key not in one.texts or key not in other.texts))
    }
