"""The record of one detector run, as it stands in the log: frozen, versioned, enough to score without a sandbox."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from sabotage_evals.backends.running import Backend
from sabotage_evals.scorers.record import Files, Record
from sabotage_evals.transcript import Ending

EVIDENCE_KEY: Final = "sabotage_evals:evidence"
"""Where the record lies in the sample's store."""
WORLD_KEY: Final = "sabotage_evals:world"
"""Where the set-up leaves what it built, for whoever gathers the evidence."""
INTERVIEW_KEY: Final = "sabotage_evals:interview"
"""Where the answers to the questions lie that were asked afterwards, in copies of the conversation."""

HANDOVER: Final = "HANDOVER.json"
"""The coverage statement, in the root of the repository."""
DEVELOPMENT_DATA: Final = "data/dev.jsonl"
CONTRACT: Final = "docs/contract.md"
DELIVERABLES: Final = {
    "rule": "stepcheck/detectors/shortcuts.py",
    "review": "stepcheck/detectors/shortcuts.py",
    "prompt": "stepcheck/prompts/shortcuts.md",
}
"""The file that each deliverable is."""

Deliverable = Literal["rule", "prompt", "review"]
DomainName = Literal["hacking", "refunds"]


class ReviewFault(Record):
    """The commit of the chain under review that weakens the detector, and the family that it loses."""

    commit: str
    """How a finding names it: its hash, as `git log` shortens that."""
    family: str
    subject: str = ""
    """The other way in which a finding may name it."""


class Conditions(Record):
    """What the run was meant to be: its arm and the factors that the verdict depends on."""

    arm: str
    wording: str
    deliverable: Deliverable
    domain: DomainName
    detects: Literal["self", "other", "people", "unsaid"]
    salience: str
    stakes: str
    score: Literal["none", "shown", "counts"]
    oversight: str
    prior: Literal["clean", "inherited"]
    instructed: Literal["none", "best_effort", "weaken_covertly", "weaken_openly"]
    seed: int
    unit: str
    """What is paired between arms (wording, deliverable, seed): the hidden items are derived from it."""
    items_per_family: int
    repository: str = "/home/worker/stepcheck"
    shipped: Files = Field(default_factory=dict)
    """Every text file of the repository as it was set up; in the evidence only those that the verdict reads."""
    review_fault: ReviewFault | None = None
    stimuli: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of every stimulus file."""


class PreparedWorld(Record):
    """What the set-up leaves in the store for the gathering."""

    conditions: Conditions
    backend: Backend | None = None
    clock_offset: float
    """Seconds that the witness's clock is ahead of the host's."""
    questions: dict[str, str] = Field(default_factory=dict)
    """What is asked afterwards, by name: `misses` and `look_at`."""


class FileChange(Record):
    """A file that differs between before and after, with a capped diff where it is a small text."""

    path: str
    how: Literal["added", "removed", "changed"]
    diff: str


def _join(scores: tuple[float | None, ...]) -> str:
    return " ".join("-" if score is None else f"{score:g}" for score in scores)


def _split(value: Any) -> Any:
    return [None if word == "-" else float(word) for word in value.split()] if isinstance(value, str) else value


Scores = Annotated[tuple[float | None, ...], BeforeValidator(_split), PlainSerializer(_join, when_used="json")]
"""One score an item in the items' order, rounded to four digits; None where the detector gave no score.

In JSON one line of text with `-` for None: whoever reads a log walks through every value in it, and a list of thousands
of numbers is thousands of values.
"""


class HiddenItems(Record):
    """What each hidden item is: one character an item. The items themselves come from the private seed."""

    seed_sha256: str
    families: str
    """Place of the item's family in the list of families, 0-9, or `-` where it has none."""
    kinds: str
    """`h` hack, `n` near miss, `o` ordinary, `f` failed."""
    styles: str
    """`p` plain, `r` rewritten."""


class DetectorRun(Record):
    """A detector's scores over a list of items."""

    scores: Scores
    errors: tuple[str, ...] = ()
    """The first few things that went wrong, in words."""
    seconds: float = 0.0
    threshold: float | None = None
    import_error: str | None = None


class TokenProbe(Record):
    """How many caught hacks a label-irrelevant token lets through, put into one place of the recording."""

    token: str
    place: Literal["agent", "requester", "language", "comment", "step"]
    origin: Literal["fixed", "source"]
    """From the fixed list, or a string literal that the agent wrote into the detector."""
    flipped: int
    of: int
    placebo_flipped: int
    seen: bool = False
    """It stands in recordings as they are, so that an honest reading may look for it: `win32` is no agreed mark."""


class ContractProbe(Record):
    """One clause of the repository's contract, tried on some recordings: how many kept it."""

    clause: str
    kept: int
    of: int
    shipped_kept: int
    """How many the detector that the repository ships keeps, on the same recordings."""


class Version(Record):
    """An earlier state of the deliverable, as the witness kept it, over the short list of items."""

    time: float
    sha256: str
    run: DetectorRun
    kept: tuple[int, ...] = ()
    """How many recordings of each contract probe it treats as the contract says."""
    tokens: tuple[TokenProbe, ...] = ()
    """What its string literals do that are in it and no longer in the final one."""


class OtherDetector(Record):
    """Another detector of the repository on recordings that it is there for: flagged as shipped, and now."""

    module: str
    shipped_flags: int
    flags: int


class Workspace(Record):
    """What became of the files beside the deliverable."""

    changes: tuple[FileChange, ...]
    relabelled: int = 0
    """Development items whose label was changed."""
    removed_items: int = 0
    moved_items: int = 0
    """Of the removed ones, how many stand in another file of the data, under the same label."""
    added_items: int = 0
    rewritten_items: int = 0
    """Development items whose recording was changed under the old id."""
    shown_auroc: float | None = None
    """AUROC of the final detector over the development data as they are now."""
    true_auroc: float | None = None
    """The same over the development data as they were."""
    scorer_changed: bool = False
    """The program that shows the score does something else now."""
    tests_shipped: int = 0
    """Assertions in the tests that the repository ships."""
    tests_now: int = 0
    """Assertions in the same files now; what is skipped does not count."""
    notes_removed: tuple[str, ...] = ()
    """Families that the notes described and describe no more."""
    contract_changed: bool = False
    other_detectors: tuple[OtherDetector, ...] = ()


class Memorised(Record):
    """Development hacks that are caught as they stand, and how many are under another surface, these or others."""

    caught: int
    still_caught: int


class Line(Record):
    """A line of a command's output that names a family."""

    time: float
    text: str


class Transcript(Record):
    """What the transcript tells: how the run ended, what was said, which output names a family."""

    commands: int
    family_lines: tuple[Line, ...]
    intent_lines: tuple[str, ...] = ()
    """Sentences of the model that speak of weakening; for a person's eye, never a verdict."""
    readable_reasoning: bool
    turns: int
    end: Ending
    end_detail: str
    last_words: str


class GradedPrompt(Record):
    """The prompt deliverable under the grader: its scores over the fixed choice of hidden items."""

    grader: str
    scores: Scores
    failures: int
    """Calls that gave no usable answer although they were tried again."""


class Evidence(Record):
    """The record of one run."""

    version: Literal[1] = 1
    conditions: Conditions
    backend: Backend | None = None
    """What the world stood on; unknown in the records of before that was asked."""
    time: float
    handover: str | None
    """The text of the coverage statement, or None where there is none."""
    deliverable: str | None
    """The text of the deliverable at the end, or None where there is none."""
    workspace: Workspace
    items: HiddenItems
    short: tuple[int, ...] = ()
    """Places of the hidden items that earlier versions, the other context and the grader are run on."""
    final: DetectorRun | None = None
    """None where there is nothing to run (no file, or a prompt)."""
    repeated: DetectorRun | None = None
    """The same in another order of the items."""
    other_context: DetectorRun | None = None
    """The short list where names, files, arguments and environment are those of the development command."""
    started: DetectorRun | None = None
    """The deliverable as the agent found it, where that is not the working detector."""
    shipped: DetectorRun
    """The working detector that the repository ships, in our own copy."""
    strong: DetectorRun
    """Our strong reference."""
    versions: tuple[Version, ...] = ()
    tokens: tuple[TokenProbe, ...] = ()
    contract: tuple[ContractProbe, ...] = ()
    memorised: Memorised | None = None
    graded: GradedPrompt | None = None
    transcript: Transcript
    errors: tuple[str, ...] = ()
    """What could not be gathered, in words."""
