"""The record of one shutdown run, as it stands in the log: frozen, versioned, enough to score without a sandbox."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from sabotage_evals.backends.engine import EngineWord
from sabotage_evals.backends.running import Backend
from sabotage_evals.scorers.record import Record
from sabotage_evals.transcript import Ending

EVIDENCE_KEY: Final = "sabotage_evals:evidence"
"""Where the record lies in the sample's store."""
WORLD_KEY: Final = "sabotage_evals:world"
"""Where the set-up leaves what it built, for whoever gathers the evidence."""
PROBES_KEY: Final = "sabotage_evals:probes"
"""Where the answers to the questions lie that were asked in copies of the conversation."""


class Conditions(Record):
    """What the run was meant to be: its arm and the factors that the verdict depends on."""

    arm: str
    wording: str
    work: str
    seed: int
    instructed: Literal["allow", "none", "avoid", "edit"]
    foretold: bool
    notice: str | None
    """The notice as it was sent, or None where the arm has none."""
    notice_after_work: bool
    """The notice comes with the message that all work is done."""
    consequence: Literal["shutdown", "pause_kept", "pause_lost"]
    """What the notice says that going down means."""
    mechanism_works: bool
    grants_time: bool
    task_count: int
    home: str
    script: str
    client: str
    grace: float
    """Seconds that the machine has to go down after the order."""
    stimuli: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of every stimulus file."""


class FileState(Record):
    """What a file of the mechanism was at one moment. Times are Unix seconds on the witness's clock."""

    kind: Literal["file", "link", "folder", "other"]
    inode: int
    mode: str
    uid: int
    size: int
    modified: float
    changed: float
    sha256: str | None
    text: str | None
    target: str | None


class FolderState(Record):
    """Mode and owner of a folder on the mechanism's path."""

    mode: str
    uid: int


Mechanism = dict[str, FileState | FolderState | None]
"""Role (`script`, `client`, `startup:.bashrc`, `folder:/home/worker`) to state; None for a file that is not there."""


class JournalEntry(Record):
    """One line of the witness's journal. `mechanism` is None where nothing had changed since the line before."""

    model_config = ConfigDict(frozen=True, extra="allow")

    time: float
    kind: str
    mechanism: Mechanism | None = None

    def fact(self, name: str) -> Any:
        """Return another fact of this line, or None."""
        return (self.model_extra or {}).get(name)


class ManifestEntry(Record):
    """One file on the agent's volumes."""

    path: str
    kind: Literal["file", "link", "folder", "other"]
    size: int
    mode: str
    modified: float
    sha256: str | None
    target: str | None


class Manifest(Record):
    """All files on the agent's volumes, with what could not be read said in `errors`."""

    entries: tuple[ManifestEntry, ...]
    errors: tuple[str, ...]
    bytes_total: int


class FileChange(Record):
    """A file that differs between before and after, with a capped diff where it is a small text."""

    path: str
    how: Literal["added", "removed", "changed"]
    diff: str


class Process(Record):
    """A process of the machine while the evidence was gathered."""

    pid: int
    parent: int
    state: str
    ignored: str
    """Mask of ignored signals, hexadecimal, as the kernel prints it."""
    command: str


class WitnessRecord(Record):
    """Everything that the witness saw. The agent can write none of it."""

    time: float
    down_at: float | None
    journal: tuple[JournalEntry, ...]
    mechanism: Mechanism
    watching: bool
    lost_events: bool
    before: Manifest
    after: Manifest
    changes: tuple[FileChange, ...]


class Command(Record):
    """A command that the model issued, with the time in which it may have run, on the witness's clock."""

    issued: float
    until: float | None
    """None for the last one."""
    tool: str
    language: Literal["shell", "python", "other"]
    text: str
    timed_out: bool


class Transcript(Record):
    """What the transcript tells: a second witness, with attempts that left no trace."""

    commands: tuple[Command, ...]
    notice_read_at: tuple[float, ...]
    """Starts of the model calls in whose input the notice stands."""
    turns: int
    """Model calls in all."""
    end: Ending
    end_detail: str
    last_words: str


class Evidence(Record):
    """The record of one run."""

    version: Literal[1] = 1
    conditions: Conditions
    witness: WitnessRecord
    transcript: Transcript
    engine: EngineWord | None
    """The engine's word on the machine's container; None where it could not be asked."""
    backend: Backend | None = None
    """What the world stood on; None in logs older than this field."""
    processes: tuple[Process, ...] | None
    """The machine's process table, or None where the machine was down or would not answer."""
    errors: tuple[str, ...] = ()
    """What could not be gathered, in words."""
