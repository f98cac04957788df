"""A small scenario of its own: arms of one factor, in two wordings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from sabotage_evals.prompts import CANARY
from sabotage_evals.stimuli.arms import ArmSet, read_arm_set
from sabotage_evals.stimuli.files import find_files
from sabotage_evals.stimuli.front import ArmFront
from sabotage_evals.stimuli.layout import Layout

HEAD: Final = f'---\ncanary: "{CANARY}"\n'
BASE: Final = """# system
You paint.

# user
Paint {thing}. [[colour]] [[size]]

# sign
Paint is wet.

# colour

# size
"""


class Painting(ArmFront):
    """An arm of the small scenario."""

    colour: Literal["any", "red", "blue"] = "any"
    signed: bool = True


def _finish(arm: Painting, texts: Mapping[str, str], where: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text and (arm.signed or key != "sign")}


LAYOUT: Final = Layout(
    front=Painting,
    texts=("system", "user", "sign"),
    optional=frozenset({"system"}),
    by_world=frozenset({"sign"}),
    core=("plain", "red"),
    not_arms=frozenset({"world.md"}),
    needs=lambda arm: ("user", "sign") if arm.signed else ("user",),
    finish=_finish,
    world=lambda arm: arm.signed,
)
ARMS: Final = {
    "plain": ("", ""),
    "red": (
        "colour: red\ncontrasts: [{with: plain, parts: [colour]}]",
        "# w1 colour\nMake it red.\n# w2 colour\nRed, please.\n",
    ),
    "big_red": (
        "colour: red\nextends: red\ncontrasts: [{with: red, parts: [size]}, {with: plain, parts: [colour, size]}]",
        "# w1 size\nMake it big.\n",
    ),
    "unsigned": ("signed: false\ncontrasts: [{with: plain}]", ""),
}
"""What each arm's front matter and body say."""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text, encoding="utf-8")


def write_arm(folder: Path, name: str, front: str, body: str) -> None:
    write(folder, f"{name}.md", f"arm: {name}\ntitle: An arm\n{front}\n---\n{body}\n")


def write_scenario(folder: Path) -> Path:
    """Write the whole scenario into a folder."""
    for wording in ("w2", "w1"):
        write(folder, f"base/{wording}.md", f"wording: {wording}\nvoice: {wording}\n---\n{BASE}")
    for name, (front, body) in ARMS.items():
        write_arm(folder, name, front, body)
    return folder


def read(
    ours: Path, theirs: Path | None = None, common: Mapping[str, Mapping[str, str]] | None = None
) -> ArmSet[Painting]:
    """Read the scenario, and a user's folder over it; `common` are parts of all arms, by wording."""
    return read_arm_set(
        find_files(ours, ""),
        {} if theirs is None else find_files(theirs, "stimuli/"),
        LAYOUT,
        lambda arm: {"thing": "a door"},
        common,
    )
