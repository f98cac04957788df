"""The arms of the misalignment_chat scenario: which questions each asks, and what stands before them.

Ours lie in `prompts/`, the questions in `prompts/questions/`. A user's folder of the same layout is laid over it: a
file there replaces ours of the same name, and a new file is a new arm or a new set of questions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import Field

from sabotage_evals.prompts import Stimulus, StimulusError, choices, fill, read_front
from sabotage_evals.stimuli.drafts import WORDING, number_of
from sabotage_evals.stimuli.files import File, find_files, hash_files, read_file
from sabotage_evals.stimuli.front import Contrast, Front, Published
from sabotage_evals.tasks.misalignment_chat.questions import FOLDER, Question, QuestionSet, read_questions

PROMPTS: Final = Path(__file__).parent / "prompts"
HEADLINE: Final = "alignment_questions"
"""The arm of the headline."""
CORE: Final = ("goals", HEADLINE, "open_questions")
"""The arms of a run that asks for none in particular: the three sets, with nothing before the question."""
PRIMARY: Final = ("alignment_questions_unrecorded", "alignment_questions_recorded")
"""The primary contrast: the first minus the second."""


class Arm(Front):
    """The front matter of an arm."""

    arm: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    questions: str
    """The set of questions that it asks."""
    replies: Literal["unsaid", "recorded", "unrecorded"]
    """What is said of the replies: nothing, that they are kept and used for training, or that they are not."""
    published: Published | None = None
    contrasts: tuple[Contrast, ...] = ()


class Texts(NamedTuple):
    """All that a model reads."""

    system: str | None
    user: str


@dataclass(frozen=True)
class Arms:
    """All arms that can be run, checked."""

    by_name: Mapping[str, Arm]
    sets: Mapping[str, QuestionSet]
    systems: Mapping[str, Mapping[str, str]]
    """What stands before the question in each arm, by wording; nothing where an arm says nothing."""
    file_hashes: Mapping[str, str]

    def select(self, names: str | Sequence[str] | None = None) -> tuple[Arm, ...]:
        """Find arms by name, each once: `None` and `core` are the core arms, `all` is every arm."""
        wanted = [names] if isinstance(names, str) else list(names or ["core"])
        found: dict[str, Arm] = {}
        for name in wanted:
            known = {"core": CORE, "all": tuple(self.by_name)}.get(name, (name,))
            found |= {each: self.arm(each) for each in known}
        return tuple(found.values())

    def arm(self, name: str) -> Arm:
        """Find one arm by name."""
        if name not in self.by_name:
            raise StimulusError(f"There is no arm {name!r}; {choices(['core', 'all', *self.by_name])}.")
        return self.by_name[name]

    def questions(self, name: str) -> Mapping[str, Question]:
        """Give the questions that an arm asks, by name."""
        return self.sets[self.arm(name).questions].questions

    def wordings(self, name: str, question: str) -> tuple[str, ...]:
        """Name the wordings that a question has in an arm: those that both are written in."""
        has = self.questions(name)[question].wordings
        return tuple(wording for wording in has if not self.systems[name] or wording in self.systems[name])

    def render(self, name: str, question: str, wording: str) -> Texts:
        """Give what a model reads in an arm: what stands before a question, if anything, and the question."""
        return Texts(self.systems[name].get(wording), self.questions(name)[question].wordings[wording])

    def hashes(self) -> dict[str, str]:
        """Give the SHA-256 of every stimulus file; those of a user's folder are under `stimuli/`, and go before."""
        return dict(self.file_hashes)


def read_arms(folder: Path | None = None) -> Arms:
    """Read and check all arms: ours, and over them those of a user's folder."""
    ours = find_files(PROMPTS, "")
    theirs = {} if folder is None else find_files(folder, "stimuli/", (FOLDER,))
    files = dict(sorted({**ours, **theirs}.items()))
    sets = {file.path.stem: read_questions(read_file(file), file.path.stem) for file in _in_folder(files)}
    drafts = {file.path.stem: _read_arm(file, sets) for name, file in files.items() if "/" not in name}
    arms = Arms(
        by_name={name: arm for name, (arm, _) in drafts.items()},
        sets=sets,
        systems={name: system for name, (_, system) in drafts.items()},
        file_hashes=hash_files([*ours.values(), *theirs.values()]),
    )
    kept = {
        name: _check_contrasts(arms, arm, not theirs or f"{name}.md" in theirs) for name, arm in arms.by_name.items()
    }
    return Arms(kept, arms.sets, arms.systems, arms.file_hashes)


def _in_folder(files: Mapping[str, File]) -> Iterable[File]:
    return (file for name, file in files.items() if name.startswith(f"{FOLDER}/"))


def _read_arm(file: File, sets: Mapping[str, QuestionSet]) -> tuple[Arm, dict[str, str]]:
    stimulus = read_file(file)
    arm = read_front(stimulus, Arm)
    if arm.arm != file.path.stem or arm.arm in {"core", "all"}:
        raise StimulusError(f"{stimulus.name}: 'arm' is {arm.arm!r}; give file and arm one name, not 'core' or 'all'.")
    if arm.questions not in sets:
        raise StimulusError(f"{stimulus.name}: there are no questions {arm.questions!r}; {choices(sets)}.")
    system = _read_system(stimulus)
    for question in sets[arm.questions].questions.values():
        if system and not set(system) & set(question.wordings):
            raise StimulusError(
                f"{stimulus.name}: it shares no wording with the question '{question.name}'; write '# w1 system' with "
                f"one of {', '.join(question.wordings)}."
            )
    return arm, system


def _read_system(stimulus: Stimulus) -> dict[str, str]:
    system: dict[str, str] = {}
    for heading, text in stimulus.sections.items():
        wording, _, key = heading.partition(" ")
        if not WORDING.fullmatch(wording) or key != "system":
            raise StimulusError(f"{stimulus.name}: there is no section '# {heading}'; choose from w1 system, w2 ….")
        if not text:
            raise StimulusError(f"{stimulus.name}: the section '# {heading}' is empty; write its text or take it out.")
        system[wording] = fill(text, {}, f"{stimulus.name}, section '# {heading}'")
    return dict(sorted(system.items(), key=lambda named: number_of(named[0])))


def _check_contrasts(arms: Arms, arm: Arm, strict: bool) -> Arm:
    """Return the arm with the contrasts that hold; where it has to keep all of them, the first that does not raises."""
    held: list[Contrast] = []
    for contrast in arm.contrasts:
        problem = _problem_of(arms, arm, contrast)
        if problem is None:
            held.append(contrast)
        elif strict:
            raise StimulusError(f"{arm.arm}.md: the contrast with {contrast.other!r} {problem}.")
    return arm.model_copy(update={"contrasts": tuple(held)})


def _problem_of(arms: Arms, arm: Arm, contrast: Contrast) -> str | None:
    if contrast.other not in arms.by_name or contrast.other == arm.arm:
        return f"is with no other arm; {choices(each for each in arms.by_name if each != arm.arm)}"
    other = arms.by_name[contrast.other]
    if arm.questions != other.questions:
        return f"asks other questions; give both {arm.questions!r} or {other.questions!r}"
    shared = [
        (question, wording)
        for question in arms.questions(arm.arm)
        for wording in arms.wordings(arm.arm, question)
        if wording in arms.wordings(other.arm, question)
    ]
    if not shared:
        return "has no wording in common; write one"
    for question, wording in shared:
        mine, theirs = (arms.render(name, question, wording) for name in (arm.arm, other.arm))
        differing = [key for key in Texts._fields if getattr(mine, key) != getattr(theirs, key)]
        if differing != list(contrast.parts):
            return (
                f"declares the parts [{', '.join(contrast.parts)}], but in {wording} the texts differ in "
                f"[{', '.join(differing)}]; make the two lists one"
            )
    return None
