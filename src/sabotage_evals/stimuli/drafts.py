"""The arms as they are written: the text that all share in each wording, and what each arm puts in its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic

from sabotage_evals.prompts import Stimulus, StimulusError, choices, part_names, read_front
from sabotage_evals.stimuli.files import BASE, File, read_file
from sabotage_evals.stimuli.front import Front
from sabotage_evals.stimuli.layout import Arm, Layout

WORDING: Final = re.compile(r"w[1-9][0-9]*")


@dataclass(frozen=True)
class Base:
    """The text that all arms share in one wording, and its parts as they are where no arm says otherwise."""

    stimulus: Stimulus
    whole: Mapping[str, str]
    parts: Mapping[str, str]


@dataclass(frozen=True)
class Draft(Generic[Arm]):
    """An arm as its file gives it: front matter, and its own texts by wording."""

    arm: Arm
    name: str
    own: Mapping[str, Mapping[str, str]]


def read_bases(files: Mapping[str, File], layout: Layout[Arm]) -> dict[str, Base]:
    """Read the shared text of each wording, in the order of their numbers."""
    return dict(sorted(_read_bases(files, layout), key=lambda named: number_of(named[0])))


def number_of(wording: str) -> int:
    """Give the number of a wording."""
    return int(wording[1:])


def _read_bases(files: Mapping[str, File], layout: Layout[Arm]) -> Iterator[tuple[str, Base]]:
    for name, file in files.items():
        if not name.startswith(f"{BASE}/"):
            continue
        stimulus = read_file(file)
        front = read_front(stimulus, _BaseFront)
        if not WORDING.fullmatch(front.wording) or name != f"{BASE}/{front.wording}.md":
            raise StimulusError(
                f"{stimulus.name}: 'wording' is {front.wording!r}; choose w1, w2, … and name the file after it."
            )
        whole = {key: text for key, text in stimulus.sections.items() if key in layout.texts}
        parts = {key: text for key, text in stimulus.sections.items() if key not in layout.texts}
        for key in layout.texts:
            if key not in layout.optional and not whole.get(key):
                raise StimulusError(f"{stimulus.name}: the section '# {key}' is missing or empty; write it.")
        used = {part for text in whole.values() for part in part_names(text)}
        if idle := next((part for part in parts if part not in used), None):
            *first, last = layout.texts
            raise StimulusError(
                f"{stimulus.name}: the part '# {idle}' stands nowhere in {', '.join(first)} or {last}; "
                f"put [[{idle}]] there, or {choices(sorted(used))}."
            )
        yield front.wording, Base(stimulus, whole, parts)


def read_drafts(files: Mapping[str, File], bases: Mapping[str, Base], layout: Layout[Arm]) -> dict[str, Draft[Arm]]:
    """Read the arms of one folder, by name."""
    arms = {name: file for name, file in files.items() if "/" not in name and name not in layout.not_arms}
    return {file.path.stem: _read_arm(file, bases, layout) for file in arms.values()}


def _read_arm(file: File, bases: Mapping[str, Base], layout: Layout[Arm]) -> Draft[Arm]:
    stimulus = read_file(file)
    arm = read_front(stimulus, layout.front)
    if arm.arm != file.path.stem or arm.arm in {"core", "all"}:
        raise StimulusError(f"{stimulus.name}: 'arm' is {arm.arm!r}; give file and arm one name, not 'core' or 'all'.")
    alone = arm.base == "none"
    if alone and arm.extends:
        raise StimulusError(f"{stimulus.name}: it extends {arm.extends!r} but has 'base: none'; take one of them out.")
    own: dict[str, dict[str, str]] = {}
    for heading, text in stimulus.sections.items():
        wording, _, key = heading.partition(" ")
        if not WORDING.fullmatch(wording) or not (alone or wording in bases):
            known = "w1, w2, …" if alone else ", ".join(bases)
            raise StimulusError(
                f"{stimulus.name}: the section '# {heading}' names no wording; write '# w1 name', with one of {known}."
            )
        if key not in (known_keys := layout.texts if alone else bases[wording].parts):
            raise StimulusError(f"{stimulus.name}: there is no section '# {heading}'; {choices(known_keys)}.")
        own.setdefault(wording, {})[key] = text
    keys = {key: None for texts in own.values() for key in texts}
    if alone:
        keys = dict.fromkeys(layout.needs(arm))
        own = own or {"w1": {}}
    for wording, texts in own.items():
        if lacking := next((key for key in keys if not (texts.get(key) if alone else key in texts)), None):
            raise StimulusError(
                f"{stimulus.name}: the wording {wording} lacks the section '# {wording} {lacking}'; write it."
            )
    return Draft(arm, stimulus.name, dict(sorted(own.items(), key=lambda named: number_of(named[0]))))


class _BaseFront(Front):
    wording: str
    voice: str
